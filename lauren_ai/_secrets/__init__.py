"""Secrets: what a key looks like, how texts and recordings lose it. It stores nothing."""
