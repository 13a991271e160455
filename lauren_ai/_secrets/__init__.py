"""Secrets: what a key looks like, how texts and recordings lose it. It stores nothing."""

from lauren_ai._secrets.find import find_environment_secrets

__all__ = ["find_environment_secrets"]
