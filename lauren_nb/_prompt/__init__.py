"""What a cell sends: `{{ expr }}`, values as text, tables and images, the user's own names.

It sends nothing.
"""
