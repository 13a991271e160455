"""A model's calls of tools: one call, a round of them, and what becomes of each.

It asks no person and knows no turn; what a tool is, `_tools` owns.
"""
