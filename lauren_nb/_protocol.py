"""The messages from a kernel to its pages, as types: js/src/protocol/ has the same in TypeScript.

It writes no message and reads none. mypy holds to these types whoever writes one, and
tests/protocol.json holds both languages to the same examples. What a page sends has no type here:
it is hostile until it is checked (`panel/_inbox.py`, `_approval/approver.py`).
"""

# Without `from __future__ import annotations`: Python would not know which keys are required.

from typing import Any, Literal, NotRequired, Protocol, Required, TypedDict, overload

TurnStatus = Literal["waiting", "streaming", "done", "interrupted", "error"]
TextFormat = Literal["markdown", "text", "code", "json"]
ToolStatus = Literal["writing", "waiting", "running", "done", "error", "denied", "cancelled"]
StepStatus = Literal["running", "done", "error", "interrupted"]

Op = list[Any]
"""One operation on its way; what it may be, the overloads of `Push` say."""


class Footer(TypedDict, total=False):
    """What a run or a step used; None and missing mean that it is not known. `is_estimated` where
    the counts are a guess, of an answer that was interrupted. `stop_note` says in words why an
    answer is not whole, `stop_detail` what its provider said of that. `rows` are those of `--map`.
    """

    model: str | None
    provider: str | None
    input_tokens: int | None
    output_tokens: int | None
    cache_read_tokens: int | None
    cache_write_tokens: int | None
    reasoning_tokens: int | None
    cost_usd: float | None
    stop_reason: str | None
    tokens_per_s: float | None
    is_estimated: bool
    stop_note: str | None
    stop_detail: str | None
    rows: int
    rows_failed: int
    rows_kept: int


class TurnError(TypedDict):
    title: str
    message: str


class Approval(TypedDict, total=False):
    """What a person is asked about a call, then what was decided. `expires_ms` is in the turn's
    time, `decided_at` is ISO."""

    state: Required[Literal["waiting", "approved", "denied"]]
    digest: str
    text: str
    expires_ms: int | None
    can_always: bool
    decided_by: str | None
    decided_at: str | None
    reason: str | None
    edited_text: str


class ToolChange(TypedDict, total=False):
    """`approval` is merged into the one before; `note` is for the person who decided."""

    status: ToolStatus
    result: str | None
    duration_ms: float | None
    note: str
    approval: Approval


class StepEnd(Footer, total=False):
    status: Required[StepStatus]
    elapsed_ms: int


class ThinkingPart(TypedDict):
    type: Literal["thinking"]
    text: str
    done: bool
    elapsed_ms: NotRequired[int]


class TextPart(TypedDict):
    """`value`: made of a model's text, in whose place it stands."""

    type: Literal["text"]
    text: str
    format: TextFormat
    value: NotRequired[bool]


class ToolPart(TypedDict):
    type: Literal["tool"]
    id: str
    name: str
    input_text: str
    status: ToolStatus
    result: str | None
    duration_ms: NotRequired[float | None]
    note: NotRequired[str]
    approval: NotRequired[Approval]


class NoticePart(TypedDict):
    type: Literal["notice"]
    text: str


class ProgressPart(TypedDict):
    """Of bytes, unless `unit` says what is counted."""

    type: Literal["progress"]
    label: str
    done: int
    total: int | None
    unit: str | None


class StepPart(Footer):
    type: Literal["step"]
    title: str
    status: StepStatus
    began_ms: int
    elapsed_ms: NotRequired[int]


Part = ThinkingPart | TextPart | ToolPart | NoticePart | ProgressPart | StepPart


class TurnState(TypedDict):
    status: TurnStatus
    parts: list[Part]
    footer: Footer
    error: TurnError | None
    elapsed_ms: int


class Snapshot(TypedDict):
    """`format` is that of text parts that later operations open."""

    kind: Literal["snapshot"]
    seq: int
    turn: TurnState
    format: TextFormat


class Delta(TypedDict):
    kind: Literal["delta"]
    seq: int
    ops: list[Op]


class Tick(TypedDict):
    kind: Literal["tick"]
    seq: int
    elapsed_ms: int


class Rest(TypedDict):
    """What takes the place of the view of that model, in a page that was reloaded in mid-run."""

    kind: Literal["rest"]
    model_id: str
    data: dict[str, str]
    metadata: dict[str, Any]


CellMessage = Snapshot | Delta | Tick | Rest


class QueuedMessage(TypedDict):
    """`files`: the names of those that go with it."""

    id: str
    text: str
    files: NotRequired[list[str]]


class QueueState(TypedDict):
    """`paused`: what waits needs a person, because the last answer is not whole."""

    queued: list[QueuedMessage]
    paused: bool


class Usage(TypedDict):
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int


class PanelHead(QueueState):
    title: str
    model: str
    running: bool
    usage: Usage
    cost_usd: float | None


class MentionData(TypedDict):
    """`text` is what the model got, "" for an image; of a `picture` a page may ask the bytes."""

    label: str
    text: str
    picture: NotRequired[bool]


class EntryData(TypedDict):
    """One question and its answer. `versions`: the ids of this turn's versions, its own too."""

    id: str
    question: str
    mentions: list[MentionData]
    at: str
    seq: int
    format: TextFormat
    turn: TurnState
    versions: list[str]


class PanelMessage(TypedDict):
    """`entries` are the turns that are new, all of `order` where `whole`; `left` turns stand before
    them. `nonce` names the page's message that this answers."""

    kind: Literal["panel"]
    seq: int
    epoch: int
    head: PanelHead
    order: list[tuple[str, list[str]]]
    left: int
    entries: list[EntryData]
    whole: NotRequired[bool]
    nonce: NotRequired[str]
    problem: NotRequired[str]


class OlderMessage(TypedDict):
    kind: Literal["older"]
    before: str
    epoch: int
    left: int
    entries: list[EntryData]


class TurnMessage(TypedDict):
    """A turn's own message in the panel's envelope."""

    kind: Literal["turn"]
    id: str
    message: CellMessage


class FileMessage(TypedDict):
    kind: Literal["file"]
    nonce: str
    name: str
    text: str


class PictureMessage(TypedDict):
    """The bytes are the message's buffer."""

    kind: Literal["picture"]
    id: str
    index: int


class NamesMessage(TypedDict):
    """The variables whose names begin with `prefix`, each with its type."""

    kind: Literal["names"]
    prefix: str
    names: list[tuple[str, str]]


ToPanel = PanelMessage | OlderMessage | TurnMessage | FileMessage | PictureMessage | NamesMessage


class Push(Protocol):
    """Applies one operation to a turn and shows it. The overloads are all that there are."""

    @overload
    def __call__(self, op: Literal["text", "thinking", "notice"], text: str, /) -> None: ...
    @overload
    def __call__(self, op: Literal["thinking_end"], elapsed_ms: int, /) -> None: ...
    @overload
    def __call__(self, op: Literal["tool"], call_id: str, name: str, /) -> None: ...
    @overload
    def __call__(self, op: Literal["args"], call_id: str, text: str, /) -> None: ...
    @overload
    def __call__(self, op: Literal["tool_status"], call_id: str, change: ToolChange, /) -> None: ...
    @overload
    def __call__(
        self, op: Literal["progress"], label: str, done: int, total: int | None, unit: str = ..., /
    ) -> None: ...
    @overload
    def __call__(self, op: Literal["step"], title: str, began_ms: int, /) -> None: ...
    @overload
    def __call__(self, op: Literal["step_end"], end: StepEnd, /) -> None: ...
    @overload
    def __call__(self, op: Literal["value"], text: str, format: TextFormat, /) -> None: ...
    @overload
    def __call__(self, op: Literal["format"], format: TextFormat, /) -> None: ...
    @overload
    def __call__(self, op: Literal["footer"], footer: Footer, /) -> None: ...
    @overload
    def __call__(self, op: Literal["status"], status: TurnStatus, /) -> None: ...
    @overload
    def __call__(self, op: Literal["error"], error: TurnError, /) -> None: ...
    @overload
    def __call__(self, op: Literal["elapsed"], ms: int, /) -> None: ...
    def __call__(self, *op: Any) -> None: ...
