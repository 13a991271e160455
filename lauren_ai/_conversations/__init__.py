"""Conversations: what is kept of a history, what of it fits a model's window, and the stores.

It asks no model and queues no run.
"""
