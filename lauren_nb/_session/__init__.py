"""What a kernel remembers between cells: models, aliases, the conversations of `-c`, grants,
cassettes, spending. It shows nothing.
"""
