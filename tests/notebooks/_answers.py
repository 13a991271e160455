"""What the model of an example notebook says, and the loopback providers that say it.

It owns how a request finds its answer; the answers themselves are in `answers_NN.py`.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.servers import FakeAnthropic, FakeOpenAI, Request, Script
from tests.servers._blocks import Block, ToolCall
from tests.servers._server import FakeProvider, as_json

FIRST_AFTER_S = 0.6
TOKENS_PER_S = 70.0
#: Of a size that providers count for one: what a picture costs is no matter of its bytes.
IMAGE_TOKENS = 1_100
#: What of a request's body the model reads; `instructions` and `input` are Responses'.
ASKED = ("system", "messages", "tools", "instructions", "input")


@dataclass(frozen=True, slots=True)
class Answer:
    """Given once, to the first request whose last message holds `asked` (and, if it is set, whose
    model's name holds `model`)."""

    asked: str
    blocks: tuple[Block, ...]
    model: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    change: Change | None = None


Change = Callable[[Any, Script], Script]
"""What a provider does instead: of itself and the script of the answer, the one to send."""


def answer(
    asked: str, *blocks: Block, model: str = "", change: Change | None = None, **options: Any
) -> Answer:
    """An answer of `tests.servers` blocks; `options` are those of the server's `script`, and
    `change` makes it fail."""
    return Answer(asked, blocks, model, options, change)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the person types, once, when a question that holds `asked` stands in the input box:
    y, n, a reason to deny, or edited arguments as JSON."""

    asked: str
    line: str


class Play:
    """Made for one recording: hands out each answer and each decision once."""

    def __init__(self, number: str) -> None:
        module = importlib.import_module(f"tests.notebooks.answers_{number}")
        self.answers: list[Answer] = list(module.ANSWERS)
        self.decisions: list[Decision] = list(getattr(module, "DECISIONS", []))
        self.models: dict[str, list[str]] = getattr(module, "MODELS", {})
        self.unanswered: list[str] = []

    def take_answer(self, request: Request) -> Answer | None:
        """The answer to this request; None, noted in `unanswered`, where there is none."""
        body = request.body
        last = _write((body.get("messages") or body["input"])[-1])
        for found in self.answers:
            if found.asked in last and found.model in body["model"]:
                self.answers.remove(found)
                return found
        self.unanswered.append(last)
        return None

    def take_line(self, prompt: str) -> str:
        """What is typed at this prompt; nothing, which denies, where nothing fits."""
        for found in self.decisions:
            if found.asked in prompt:
                self.decisions.remove(found)
                return found.line
        self.unanswered.append(prompt)
        return ""

    def check_all_used(self) -> None:
        """Raise ValueError for a question without an answer, or the other way round."""
        left = [*(a.asked for a in self.answers), *(d.asked for d in self.decisions)]
        if self.unanswered or left:
            raise ValueError(f"nobody answered {self.unanswered}; nobody asked {left}")


def _write(message: Any) -> str:
    """The texts of a message as a person reads them, so that `asked` needs no escapes."""
    if isinstance(message, dict):
        return "\n".join(_write(value) for value in message.values())
    if isinstance(message, list):
        return "\n".join(map(_write, message))
    return str(message)


class _PlayedProvider(FakeProvider):
    """Mixed into a provider: it answers from a play, at a model's pace, with plausible usage."""

    def __init__(self, play: Play, name: str) -> None:
        super().__init__()
        self._play = play
        self._name = name
        self._calls = 0

    def other(self, request: Request) -> Script:
        path = request.path.split("?")[0]
        if path == "/v1/models" and self._name in self._play.models:
            models = [{"id": name, "object": "model"} for name in self._play.models[self._name]]
            return as_json({"object": "list", "data": models})
        return super().other(request)

    def next_script(self, request: Request) -> Script:
        found = self._play.take_answer(request)
        if found is None:
            return self.error(400, "The recording's script has no answer to this request.")
        blocks = [self._with_id(block) for block in found.blocks]
        options = {"usage": self._get_usage(request.body), **found.options}
        script = self.script(*blocks, model=request.body["model"], **options)
        if found.change is not None:
            script = found.change(self, script)
        return script.paced(TOKENS_PER_S, first_after_s=FIRST_AFTER_S)

    def _with_id(self, block: Block) -> Block:
        if not isinstance(block, ToolCall):
            return block
        self._calls += 1
        return replace(block, id=f"{self._id_prefix}{self._calls:02}")

    _id_prefix = ""

    def _get_usage(self, body: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError


def _count_tokens(body: dict[str, Any]) -> int:
    asked = {name: body[name] for name in ASKED if name in body}
    images = json.dumps(asked).count('"type": "image')
    text = "".join(word for word in json.dumps(asked).split('"') if len(word) < 5_000)
    return len(text) // 4 + 8 + images * IMAGE_TOKENS


class _Anthropic(_PlayedProvider, FakeAnthropic):
    _id_prefix = "toolu_"

    def _get_usage(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"input_tokens": _count_tokens(body)}


class _OpenAI(_PlayedProvider, FakeOpenAI):
    _id_prefix = "call_"

    def _get_usage(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"prompt_tokens": _count_tokens(body)}


@contextmanager
def serve(play: Play) -> Iterator[dict[str, str]]:
    """Run the providers; the environment that leads a kernel to them. The keys are no keys."""
    with ExitStack() as stack:
        anthropic = stack.enter_context(_Anthropic(play, "anthropic"))
        openai = stack.enter_context(_OpenAI(play, "openai"))
        ollama = stack.enter_context(_OpenAI(play, "ollama"))
        yield {
            "ANTHROPIC_API_KEY": "sk-ant-api03-not-a-key-0123456789",
            "ANTHROPIC_BASE_URL": anthropic.base_url,
            "OPENAI_API_KEY": "sk-proj-not-a-key-0123456789",
            "OPENAI_BASE_URL": openai.base_url,
            "OLLAMA_HOST": ollama.url,
        }
