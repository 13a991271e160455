"""Showing a turn: live in a page, in a terminal, and at rest in the saved notebook.

It runs nothing and neutralises by `_markdown`'s and `_hazards`' rules.
"""
