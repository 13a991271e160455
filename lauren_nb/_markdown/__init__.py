"""The Markdown of an answer at rest, made harmless: lists, tables, links and math, parsed and
written again by an allow-list. It renders nothing.
"""
