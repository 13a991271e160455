"""Owns how the tests open a panel's view in the page, speak to it as a kernel, and ask in it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

OPEN = """async () => {
    const runtime = await import("/runtime.js");
    const handlers = [];
    const p = window.p = { sent: [], bytes: [], handlers };
    const model = {
        get: (name) => (name === "view" ? "panel" : undefined),
        on: (name, handler) => handlers.push({ name, handler }),
        off: (name, handler) => {
            const at = handlers.findIndex((h) => h.name === name && h.handler === handler);
            if (at >= 0) handlers.splice(at, 1);
        },
        send: (message, callbacks, buffers = []) => {
            p.sent.push(message);
            p.bytes.push(...buffers.map((buffer) => [...new Uint8Array(buffer)]));
        },
    };
    window.t.close();
    p.close = runtime.render({ model, el: document.querySelector("#out") });
    p.trigger = (name, ...args) => {
        for (const h of [...handlers]) if (h.name === name) h.handler(...args);
        window.t.flush();
    };
    window.outer = [];
    document.addEventListener("keydown", (event) => window.outer.push(event.key));
    window.t.flush();
}"""
USAGE = {"input_tokens": 12, "output_tokens": 34, "cache_read_tokens": 0, "cache_write_tokens": 0}


def build_entry(turn_id: str, text: str, status: str = "done", **fields: Any) -> dict[str, Any]:
    parts = [{"type": "text", "text": text, "format": "markdown"}] if text else []
    turn = {"status": status, "parts": parts, "footer": {}, "error": None, "elapsed_ms": 0}
    entry = {"id": turn_id, "question": f"Question {turn_id}", "seq": 0, "turn": turn}
    return entry | {"at": "2026-01-01T10:00:00+00:00", "versions": [turn_id]} | fields


class Panel:
    """A page that shows a panel, and what the kernel says to it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.seq = 0

    def say(self, message: dict[str, Any]) -> None:
        self.page.evaluate("m => window.p.trigger('msg:custom', m)", message)

    def show(self, *entries: dict[str, Any], running: bool = False, **fields: Any) -> None:
        head = {"title": "Chat", "model": "claude-x", "running": running, "cost_usd": 0.02}
        head |= fields.pop("head", {})
        message = {"kind": "panel", "seq": self.seq, "epoch": 0, "head": {**head, "usage": USAGE}}
        order = [[entry["id"], entry["versions"]] for entry in entries]
        self.say(message | {"order": order, "left": 0, "entries": list(entries)} | fields)
        self.seq += 1

    @property
    def sent(self) -> list[dict[str, Any]]:
        return list(self.page.evaluate("window.p.sent"))

    def find(self, kind: str) -> list[dict[str, Any]]:
        return [message for message in self.sent if message["kind"] == kind]


def ask(panel: Panel, text: str) -> str:
    """Type and send; the nonce of the message."""
    field = panel.page.get_by_label("Message to the model")
    field.fill(text)
    field.press("Enter")
    return str(panel.find("send")[-1]["nonce"])
