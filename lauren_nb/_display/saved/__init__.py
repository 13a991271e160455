"""What stays in a notebook of a turn: portable Markdown, with its calls, tables and steps.

It draws nothing live.
"""
