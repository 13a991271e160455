"""Merges what a person adds to a request's JSON by hand, for every provider alike. It is pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_extra(body: dict[str, Any], extra: object) -> dict[str, Any]:
    """`body` with `extra` merged into it: objects deep, tools after ours, all else replaced; None
    leaves a field out. Neither is changed. What is no object is not merged."""
    if not isinstance(extra, Mapping):
        return body
    merged = dict(body)
    for key, value in extra.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            known = merged.get(key)
            merged[key] = merge_extra(known if isinstance(known, dict) else {}, value)
        elif key == "tools" and isinstance(value, list) and isinstance(merged.get(key), list):
            merged[key] = [*merged[key], *value]
        else:
            merged[key] = value
    return merged
