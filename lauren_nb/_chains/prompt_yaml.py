"""Reads YAML that goes into prompts: what is written is what a model gets. It knows no chain.

PyYAML reads YAML 1.1, in which `no` is False, `12:30` is 750 and `012` is 10. Here a word stays a
word, as in YAML 1.2, and so does a number that would not print as it is written: `3.10`, `007`.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuses a key that stands twice: the last one would win, and nobody be told."""
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                problem = f"{key.value} stands there twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep=deep)

    def construct_number(self, node: yaml.ScalarNode) -> int | float | str:
        value = float(node.value) if "." in node.value else int(node.value)
        return value if str(value) == node.value else str(node.value)


for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"-?[0-9]{1,300}", "-0123456789"),
    ("float", r"-?[0-9]{1,300}\.[0-9]{1,300}", "-0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_pattern})\Z"), list(_first))
_Loader.add_constructor(_TAG + "int", _Loader.construct_number)
_Loader.add_constructor(_TAG + "float", _Loader.construct_number)


def load_yaml(text: str) -> tuple[Any, list[str]]:
    """The value, and the names in it behind which nothing stands. Raises yaml.YAMLError."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, []
        value = loader.construct_document(node)
    finally:
        loader.dispose()
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return value, [str(key.value) for key, given in pairs if _is_empty(given)]


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == "" and node.style is None
