"""Markdown made harmless: parsed, and written again by an allow-list. It renders nothing."""
