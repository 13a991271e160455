"""Owns a value that answers as a frame of polars does, whose package the tests do not need."""

from __future__ import annotations

from typing import Any


class PolarsLike:
    """Answers as polars.DataFrame does: no index, `iter_rows`, columns by `frame[:, indices]`."""

    columns: Any = None
    shape: Any = None

    def __init__(self, data: dict[str, list[Any]]) -> None:
        self._data = data
        self.columns = list(data)
        self.shape = (len(next(iter(data.values()))), len(data))

    def __getitem__(self, key: tuple[slice, list[int]]) -> PolarsLike:
        assert key[0] == slice(None)
        return PolarsLike({self.columns[i]: self._data[self.columns[i]] for i in key[1]})

    def slice(self, start: int, count: int) -> PolarsLike:
        return PolarsLike({k: v[start : start + count] for k, v in self._data.items()})

    def iter_rows(self) -> Any:
        return zip(*self._data.values(), strict=True)
