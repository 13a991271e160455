"""Proxies and certificates of the environment, in the forms in which people write them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lauren_ai._http.network import find_proxy, find_ssl_context
from lauren_ai.errors import TransportError

CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
BOX = "http://10.2.3.4:8000/v1"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in CERTIFICATES:
            monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("variables", "proxy"),
    [
        ({}, None),
        ({"HTTP_PROXY": ""}, None),
        ({"HTTP_PROXY": "proxy:3128"}, "http://proxy:3128"),
        ({"http_proxy": "http://me:pw@proxy:3128/"}, "http://me:pw@proxy:3128"),
        ({"HTTPS_PROXY": "http://proxy:1"}, None),
        ({"ALL_PROXY": "socks://proxy:1/"}, "socks5://proxy:1"),
        ({"ALL_PROXY": "socks5h://proxy:1"}, "socks5h://proxy:1"),
        ({"ALL_PROXY": "socks5://proxy:1", "NO_PROXY": "10.2.3.4"}, None),
        ({"ALL_PROXY": "socks5://proxy:1", "NO_PROXY": "x, 10.0.0.0/8"}, None),
        ({"ALL_PROXY": "socks5://proxy:1", "NO_PROXY": "*"}, None),
        ({"ALL_PROXY": "http://proxy:1", "NO_PROXY": "10.2.3.5,.example"}, "http://proxy:1"),
    ],
)
def test_the_environments_proxy_for_an_address(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], proxy: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert find_proxy(BOX) == proxy
    assert find_proxy("") is None


@pytest.mark.parametrize("given", ["ftp://proxy:1", "http://", "socks4a://me:pw@proxy:1"])
def test_a_proxy_of_no_known_kind_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", given)
    with pytest.raises(TransportError, match="NO_PROXY") as caught:
        find_proxy(BOX)
    assert "pw" not in str(caught.value)


def test_certificates_that_are_none_are_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert find_ssl_context() is True
    assert find_ssl_context(False) is False
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(TransportError, match="REQUESTS_CA_BUNDLE names"):
        find_ssl_context()
    (tmp_path / "bad.pem").write_text("no certificate")
    with pytest.raises(TransportError, match="cannot be read"):
        find_ssl_context(str(tmp_path / "bad.pem"))
