// Owns the state of a view: (state, message) -> state. Does not draw, send or keep time.
import type { Approval, Delta, Incoming, Op, Part, Snapshot, StepEnd, TextFormat, TextPart, ToolChange, Turn } from "./turn";
import { isRunning } from "./turn";

/**
 * `have` is the number of the last delta applied, null before the first snapshot. `lost` means that a
 * gap was seen: the caller sends `attach` and deltas are ignored until a snapshot comes. `epoch` grows
 * with each snapshot: only then may text have changed otherwise than at its end.
 */
export interface State {
  readonly have: number | null;
  readonly lost: boolean;
  readonly epoch: number;
  readonly format: TextFormat;
  readonly turn: Turn;
}

export const EMPTY_TURN: Turn = {
  status: "waiting",
  parts: [],
  footer: {},
  error: null,
  elapsed_ms: 0,
};

export const INITIAL: State = {
  have: null,
  lost: true,
  epoch: 0,
  format: "markdown",
  turn: EMPTY_TURN,
};

/** Returns the next state. Unknown kinds and unknown ops are ignored: an older page stays readable. */
export function reduce(state: State, message: Incoming): State {
  switch (message.kind) {
    case "snapshot":
      return onSnapshot(state, message);
    case "delta":
      return onDelta(state, message);
    case "tick": {
      const behind = state.have === null || message.seq > state.have;
      const turn = { ...state.turn, elapsed_ms: message.elapsed_ms };
      return { ...state, turn, lost: state.lost || behind };
    }
    default:
      return state;
  }
}

function onSnapshot(state: State, { seq, turn, format }: Snapshot): State {
  if (state.have !== null && seq < state.have) return state;
  return {
    have: seq,
    lost: false,
    epoch: state.epoch + 1,
    format: format ?? state.format,
    turn: { ...EMPTY_TURN, ...turn, footer: turn.footer ?? {}, parts: turn.parts ?? [] },
  };
}

function onDelta(state: State, { seq, ops }: Delta): State {
  if (state.lost || state.have === null || seq <= state.have) return state;
  if (seq !== state.have + 1) return { ...state, lost: true };
  const draft: Draft = {
    turn: state.turn,
    parts: [...state.turn.parts],
    format: state.format,
  };
  for (const op of ops) applyOp(draft, op);
  const turn = { ...draft.turn, parts: draft.parts };
  return { ...state, have: seq, format: draft.format, turn };
}

interface Draft {
  turn: Turn;
  readonly parts: Part[];
  format: TextFormat;
}

function applyOp(draft: Draft, op: Op): void {
  switch (op[0]) {
    case "text":
      return appendText(draft, op[1]);
    case "thinking":
      return appendThinking(draft, op[1]);
    case "thinking_end":
      return endThinking(draft, op[1]);
    case "tool":
      return open(draft, {
        type: "tool",
        id: op[1],
        name: op[2],
        input_text: "",
        status: "writing",
        result: null,
      });
    case "args":
      return changeTool(draft, op[1], (tool) => ({ ...tool, input_text: tool.input_text + op[2] }));
    case "tool_status":
      return changeTool(draft, op[1], (tool) => changed(tool, op[2]));
    case "notice":
      return op[1] === "" ? dropTransient(draft) : open(draft, { type: "notice", text: op[1] });
    case "progress":
      return open(draft, { type: "progress", label: op[1], done: op[2], total: op[3], ...(op[4] && { unit: op[4] }) });
    case "step":
      return open(draft, { type: "step", title: op[1], status: "running", began_ms: op[2] });
    case "step_end":
      return endStep(draft, op[1]);
    case "value":
      return setValue(draft, op[1], op[2]);
    case "format":
      draft.format = op[1];
      return;
    case "footer":
      draft.turn = { ...draft.turn, footer: { ...draft.turn.footer, ...op[1] } };
      return;
    case "status":
      draft.turn = { ...draft.turn, status: op[1] };
      if (!isRunning(draft.turn)) dropTransient(draft);
      return;
    case "error":
      draft.turn = { ...draft.turn, error: op[1] };
      return;
    case "elapsed":
      draft.turn = { ...draft.turn, elapsed_ms: op[1] };
      return;
    default:
      return;
  }
}

/** A notice or a progress is transient: whatever comes after takes its place, the end of the turn as well. */
function dropTransient({ parts }: Draft): void {
  const last = parts.at(-1)?.type;
  if (last === "notice" || last === "progress") parts.pop();
}

function open(draft: Draft, part: Part): void {
  dropTransient(draft);
  draft.parts.push(part);
}

function appendText(draft: Draft, text: string): void {
  if (text === "") return;
  dropTransient(draft);
  const last = draft.parts.at(-1);
  if (last?.type === "text") {
    draft.parts[draft.parts.length - 1] = { ...last, text: last.text + text };
  } else {
    draft.parts.push({ type: "text", text, format: draft.format });
  }
}

function appendThinking(draft: Draft, text: string): void {
  dropTransient(draft);
  const last = draft.parts.at(-1);
  if (last?.type === "thinking" && !last.done) {
    draft.parts[draft.parts.length - 1] = { ...last, text: last.text + text };
  } else {
    draft.parts.push({ type: "thinking", text, done: false });
  }
}

function endThinking({ parts }: Draft, elapsed: number | undefined): void {
  const index = parts.findLastIndex((part) => part.type === "thinking" && !part.done);
  const part = parts[index];
  if (part?.type !== "thinking") return;
  parts[index] = { ...part, done: true, ...(elapsed === undefined ? {} : { elapsed_ms: elapsed }) };
}

type Tool = Extract<Part, { type: "tool" }>;

function changeTool({ parts }: Draft, id: string, change: (tool: Tool) => Tool): void {
  const index = parts.findLastIndex((part) => part.type === "tool" && part.id === id);
  const tool = parts[index];
  if (tool?.type === "tool") parts[index] = change(tool);
}

/** The approval is merged: a decision keeps what was asked. It also takes away the note of an earlier try. */
function changed(tool: Tool, change: ToolChange): Tool {
  if (!change.approval) return { ...tool, ...change } as Tool;
  const approval = { ...tool.approval, ...change.approval } as Approval;
  const note = change.note ?? (approval.state === "waiting" ? tool.note : null);
  return { ...tool, ...change, approval, ...(note === undefined ? {} : { note }) };
}

/** The index of the step that runs, or ran last; -1 where there is none. */
function lastStep({ parts }: Draft): number {
  return parts.findLastIndex((part) => part.type === "step");
}

function endStep(draft: Draft, end: StepEnd): void {
  dropTransient(draft);
  const index = lastStep(draft);
  const step = draft.parts[index];
  if (step?.type === "step") draft.parts[index] = { ...step, ...end };
}

/** Puts what was made of the step's text in its place. */
function setValue(draft: Draft, text: string, format: TextFormat): void {
  const { parts } = draft;
  dropTransient(draft);
  const start = lastStep(draft) + 1;
  const texts = parts.flatMap((part, index) => (index >= start && part.type === "text" ? [index] : []));
  const place = texts.pop() ?? parts.length;
  for (const index of texts) parts[index] = { ...parts[index], text: "" } as TextPart;
  parts[place] = { type: "text", text, format, value: true };
}
