"""The decisions on tool calls that a cassette keeps: noted while it records, found in a replay.

It asks nobody and shows nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lauren_ai import (
    ApprovalDecision,
    ApprovalPolicy,
    ConfirmationRequest,
    LLMConfig,
    PendingApproval,
    Verdict,
)
from lauren_ai._cassettes import RecordedDecision
from lauren_ai.cassettes import CassettePlayer, CassetteRecorder
from lauren_ai.types import FrozenCall
from lauren_nb._session.cassettes import get_own_cassette

#: Why a call is denied where no person watches; then a recorded decision may stand in.
NOBODY = "No person was there to approve this call."


@dataclass(slots=True, kw_only=True)
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
            player=cassette if isinstance(cassette, CassettePlayer) else None,
            recorder=cassette if isinstance(cassette, CassetteRecorder) else None,
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
