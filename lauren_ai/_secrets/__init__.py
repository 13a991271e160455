"""Secrets: what a key looks like, how texts and recordings lose it. It stores nothing."""

from lauren_ai._secrets.find import find_environment_secrets
from lauren_ai._secrets.scrub import PLACEHOLDER, Scrubber

__all__ = ["PLACEHOLDER", "Scrubber", "find_environment_secrets"]
