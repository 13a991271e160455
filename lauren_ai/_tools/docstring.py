"""Reads a docstring: what a tool does, and what each parameter is. It reads no signature."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: Google's style wants an empty line before a section; many docstrings have none.
_TIGHT_SECTION = re.compile(
    r"(?<=\S)[ \t]*\n(?=[ \t]*(?:Args|Arguments|Params|Parameters|Returns|Raises):[ \t]*\n)"
)


@dataclass(frozen=True, slots=True)
class Description:
    """The text for the model; `parameters` by name."""

    text: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def parse_docstring(docstring: str | None) -> Description:
    """What Google's, NumPy's or Sphinx's style says; returns, raises and examples are left out."""
    if not docstring or not docstring.strip():
        return Description()
    import griffe

    sections = griffe.parse_auto(
        griffe.Docstring(_TIGHT_SECTION.sub("\n\n", docstring)),
        method="heuristics",
        # It warns of types that are missing in the text: ours are in the signature.
        per_style_options={
            "google": {"warnings": False},
            "numpy": {"warnings": False},
            "sphinx": {"warnings": False},
        },
    )
    texts: list[str] = []
    parameters: dict[str, str] = {}
    for section in sections:
        if section.kind is griffe.DocstringSectionKind.text:
            texts.append(section.value)
        elif section.kind is griffe.DocstringSectionKind.parameters:
            parameters |= {p.name.lstrip("*"): p.description for p in section.value}
    return Description("\n\n".join(texts).strip(), parameters)
