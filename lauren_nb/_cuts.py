"""Long texts made short, with a word of what is missing: their head, their head and tail, a quote.

It knows no format: what is cut is plain text, or is made harmless after it.
"""

from __future__ import annotations


def cut_end(text: str, most: int, *, mark: str = "…") -> str:
    """`text`, or its first `most` characters and `mark`."""
    return text if len(text) <= most else text[:most] + mark


def cut_middle(text: str, most: int) -> str:
    """`text`, or its first and last characters, `most` together, around a line about the rest."""
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}{describe_gap(len(text) - 2 * half, len(text))}{text[-half:]}"


def describe_gap(left_out: int, total: int) -> str:
    """The line that stands for characters in the middle of a text."""
    return f"\n… ({left_out:,} of {total:,} characters left out) …\n"


def cut_rows(rows: list[str], most: int) -> list[str]:
    """The first `most` rows, and one that counts the others."""
    return rows if len(rows) <= most else [*rows[:most], f"… and {len(rows) - most} more"]


def quoted(text: str) -> str:
    """What a person wrote, quoted on one line of a message."""
    return repr(cut_end(text, 60))
