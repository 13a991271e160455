r"""What hides or moves text, made visible: `\u{202E}` in place of the character.

It knows Unicode only; Markdown is the business of `_markdown/neutraliser.py`.
"""

from __future__ import annotations

import re
import unicodedata

# Default_Ignorable_Code_Point of Unicode 16, DerivedCoreProperties.txt: these may show as nothing.
# unicodedata has no such property.
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
#: Controls, formats, surrogates, line and paragraph separators; spaces only where each counts.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Only what is not printable ASCII is looked at one by one.
_SUSPECT = re.compile(r"[^\x20-\x7e\n\t]")
_IGNORABLE_PATTERN = re.compile(f"[{_IGNORABLE}]")
#: England, Scotland, Wales: a black flag with the tags of a region.
_FLAG = re.compile("\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f")
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    r"""`text` for an approval card: whatever is not plainly seen is `\u{…}`, anywhere.

    Line breaks, tabs, joiners and every space but the ordinary one are shown, too.
    """
    return "".join(
        _escape(c) if c in "\n\t" or _is_hidden(c) or _is_odd_space(c) else c for c in text
    )


def neutralise_text(text: str) -> str:
    r"""`text` for `text/plain` and terminals: no control acts, nothing is hidden or reordered.

    Line breaks (all as `\n`) and tabs stay; so do the joiners and variation selectors of emoji
    and the joiners between letters of scripts that need them.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _SUSPECT.search(text) is None:
        return text
    pieces: list[str] = []
    position = 0
    for flag in _FLAG.finditer(text):
        pieces += [_show_hidden(text[position : flag.start()]), flag.group()]
        position = flag.end()
    pieces.append(_show_hidden(text[position:]))
    return "".join(pieces)


def _show_hidden(text: str) -> str:
    return _SUSPECT.sub(
        lambda match: (
            match.group()
            if not _is_hidden(match.group()) or _belongs(text, match.start())
            else _escape(match.group())
        ),
        text,
    )


def _escape(character: str) -> str:
    return f"\\u{{{ord(character):X}}}"


def _is_hidden(character: str) -> bool:
    return (
        unicodedata.category(character) in _HIDDEN_CATEGORIES
        or _IGNORABLE_PATTERN.match(character) is not None
    )


def _is_odd_space(character: str) -> bool:
    return character != " " and unicodedata.category(character) == "Zs"


def _belongs(text: str, position: int) -> bool:
    """Whether the invisible character there forms an emoji or a letter with its neighbours."""
    character = text[position]
    before = text[position - 1] if position else ""
    after = text[position + 1] if position + 1 < len(text) else ""
    if not before or before.isspace():
        return False
    if "\ufe00" <= character <= "\ufe0f":
        return not _is_hidden(before) and (not before.isascii() or before in "0123456789#*")
    if character not in _JOINERS or not after:
        return False
    if character == "\u200d" and unicodedata.category(after) == "So":
        # A skin tone (Sk) or a variation selector may stand between the emoji and its joiner.
        return before == "\ufe0f" or unicodedata.category(before) in ("So", "Sk")
    return _is_joining_letter(before) and _is_joining_letter(after)


def _is_joining_letter(character: str) -> bool:
    """A letter or mark of Arabic, Syriac, the Indic scripts, Khmer, Mongolian and their like."""
    return (
        "\u0600" <= character <= "\u18af"
        and unicodedata.category(character)[0] in "LM"
        and not _is_hidden(character)
    )
