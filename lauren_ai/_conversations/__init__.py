"""Conversations: histories, their windows and stores. It asks no model and queues no run."""
