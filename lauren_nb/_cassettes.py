"""What a run has to do with a cassette: the model that it names, its time, its decisions.

Files, matching and the wire are `lauren_ai`'s; `_cassette_commands.py` puts a cassette in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from lauren_ai import (
    ApprovalDecision,
    CassetteError,
    CassettePlayer,
    CassetteRecorder,
    FrozenCall,
    LLMConfig,
    PendingApproval,
)
from lauren_ai._approval.policy import ApprovalPolicy, ConfirmationRequest, Verdict
from lauren_ai._cassettes.current import get_cassette
from lauren_ai._cassettes.file import RecordedDecision
from lauren_nb._errors import OptionError

#: Why a call is denied where no person watches; then a recorded decision may stand in.
NOBODY = "No person was there to approve this call."

_players: dict[tuple[Path, int], CassettePlayer] = {}


def load_player(file: str) -> CassettePlayer:
    """The player of `-m replay:FILE`, the same for all cells until the file changes.

    Raises OptionError.
    """
    path = Path(file).absolute()
    try:
        key = path, path.stat().st_mtime_ns if path.exists() else 0
        if key not in _players:
            _players[key] = CassettePlayer(path)
    except (CassetteError, OSError) as exc:
        raise OptionError(f"-m replay:{file}: {exc}") from exc
    return _players[key]


def get_recorded_model() -> str | None:
    """The model that answers without a name while a cassette is replayed. Raises OptionError."""
    try:
        cassette = get_cassette()
    except CassetteError as exc:
        raise OptionError(str(exc)) from exc
    if not isinstance(cassette, CassettePlayer):
        return None
    return cassette.contents.get_default_model() or None


def note_default_model(config: LLMConfig) -> None:
    """Keep, while a cassette is recorded, which model answers without a name."""
    cassette = get_cassette()
    if isinstance(cassette, CassetteRecorder):
        cassette.note_default_model(f"{config.provider}:{config.model}")


def get_own_cassette(config: LLMConfig | None) -> object:
    """The cassette of `-m replay:FILE`, else the kernel's."""
    own = config.request_options.get("cassette") if config is not None else None
    return own or get_cassette()


def is_replayed(config: LLMConfig | None) -> bool:
    """Whether a cassette answers for this configuration, so that nothing is spent."""
    return isinstance(get_own_cassette(config), CassettePlayer)


def is_replaying() -> bool:
    """Whether answers come from the kernel's cassette: then the hour of day means nothing."""
    return isinstance(get_cassette(), CassettePlayer)


def get_clock(configs: Iterable[LLMConfig] = ()) -> Callable[[], float]:
    """What measures a run, in seconds: in a replay the recorded times, so that a notebook's
    footers are the same each time."""
    for config in (*configs, None):
        cassette = get_own_cassette(config)
        if isinstance(cassette, CassettePlayer):
            return cassette.clock
    return time.monotonic


@dataclass(slots=True)
class RunDecisions:
    """Made for one run: notes its decisions on tool calls, or knows those of the recording."""

    player: CassettePlayer | None
    recorder: CassetteRecorder | None
    _asked: dict[str, PendingApproval] = field(default_factory=dict)
    _found: dict[str, RecordedDecision] = field(default_factory=dict)

    @classmethod
    def of(cls, config: LLMConfig | None) -> RunDecisions:
        cassette = get_own_cassette(config)
        return cls(
            cassette if isinstance(cassette, CassettePlayer) else None,
            cassette if isinstance(cassette, CassetteRecorder) else None,
        )

    def find(self, pending: PendingApproval) -> RecordedDecision | None:
        """What was decided on this call when it was recorded."""
        self._asked[pending.tool_use_id] = pending
        found = self.player.take_decision(pending.digest) if self.player is not None else None
        if found is not None:
            self._found[pending.tool_use_id] = found
        return found

    def note(self, tool_use_id: str, decision: ApprovalDecision) -> None:
        """Keep a decision while a cassette is recorded; an interrupted run decides nothing."""
        if self.recorder is None or decision.decided_by == "cancelled":
            return
        pending, call = self._asked.get(tool_use_id), decision.call
        asked = pending.input if pending is not None else call.input
        # Of the arguments as the cassette has them: a replay's model asks with these.
        frozen = FrozenCall.freeze(tool_use_id, call.name, self.recorder.scrub(asked))
        self.recorder.note_decision(
            RecordedDecision(
                tool=call.name,
                digest=frozen.digest,
                approved=decision.approved,
                by=decision.decided_by,
                at=decision.decided_at.isoformat(timespec="seconds"),
                reason=decision.reason,
                input=call.input if decision.is_edited else None,
            )
        )

    def get_time(self, tool_use_id: str, decision: ApprovalDecision) -> str | None:
        """When it was decided (ISO): in a replay the recorded time, None where there is none."""
        if self.player is None:
            return decision.decided_at.isoformat(timespec="seconds")
        found = self._found.get(tool_use_id)
        if found is None:
            found = self.player.take_decision(decision.call.digest)
        return found.at if found is not None else None


@dataclass(frozen=True, slots=True)
class RecordedPolicy:
    """The policy of a replay: where nobody could be asked, a call that the recording has a
    decision on waits for that."""

    policy: ApprovalPolicy
    player: CassettePlayer

    def __call__(self, request: ConfirmationRequest) -> Verdict | None:
        verdict = self.policy(request)
        if verdict is None or verdict.action != "deny" or verdict.reason != NOBODY:
            return verdict
        return Verdict("ask") if self.player.has_decision(request.call.digest) else verdict
