"""Showing a turn: live in a page, at rest in a file, in a terminal.

It runs nothing and neutralises by `_markdown`'s and `_hazards`' rules.
"""
