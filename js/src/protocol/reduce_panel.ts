// Owns the state of a panel's page: (state, message) -> state. Does not draw, send or keep time.
import type { EntryData, Mention, OlderMessage, PanelHead, PanelIncoming, PanelMessage, TurnMessage } from "./panel";
import { INITIAL, reduce, type State } from "./reduce_turn";

/** One turn on the page; `state` is the same as a cell's. */
export interface Entry {
  readonly id: string;
  readonly question: string;
  readonly mentions: readonly Mention[];
  readonly at: string;
  readonly versions: readonly string[];
  readonly state: State;
}
/** `have` is the number of the last message of the panel, null before the first. `lost`: ask for the whole. */
export interface PanelState {
  readonly have: number | null;
  readonly lost: boolean;
  readonly epoch: number;
  readonly head: PanelHead;
  readonly order: readonly string[];
  readonly left: number;
  readonly entries: ReadonlyMap<string, Entry>;
}

const USAGE = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
export const EMPTY_PANEL: PanelState = {
  have: null,
  lost: true,
  epoch: 0,
  head: { title: "", model: "", running: false, usage: USAGE, cost_usd: null },
  order: [],
  left: 0,
  entries: new Map(),
};

/** Returns the next state; an unknown kind changes nothing. */
export function reducePanel(state: PanelState, message: PanelIncoming): PanelState {
  switch (message.kind) {
    case "panel":
      return onPanel(state, message);
    case "older":
      return onOlder(state, message);
    case "turn":
      return onTurn(state, message);
    default:
      return state;
  }
}

function onPanel(state: PanelState, message: PanelMessage): PanelState {
  const { seq, epoch, head, whole } = message;
  if (whole ? state.have !== null && seq < state.have : state.lost || state.have === null || seq <= state.have) return state;
  if (!whole && seq !== state.have! + 1) return { ...state, lost: true };
  const entries = new Map(state.entries);
  for (const data of message.entries) entries.set(data.id, merge(entries.get(data.id), data));
  const known = message.order.map(([id]) => id);
  if (known.some((id) => !entries.has(id))) return { ...state, lost: true };
  for (const [id, versions] of message.order) entries.set(id, { ...entries.get(id)!, versions });
  const older = epoch === state.epoch ? before(state.order, known[0]) : [];
  const order = [...older, ...known];
  const left = Math.max(0, message.left - older.length);
  return { have: seq, lost: false, epoch, head, order, left, entries };
}

/** What the page has of the turns before `first`. */
function before(order: readonly string[], first: string | undefined): readonly string[] {
  const index = first === undefined ? -1 : order.indexOf(first);
  return index === -1 ? [] : order.slice(0, index);
}

function onOlder(state: PanelState, message: OlderMessage): PanelState {
  if (message.epoch !== state.epoch || state.order[0] !== message.before) return state;
  const entries = new Map(state.entries);
  for (const data of message.entries) entries.set(data.id, merge(entries.get(data.id), data));
  const order = [...message.entries.map(({ id }) => id), ...state.order];
  return { ...state, entries, order, left: message.left };
}

function onTurn(state: PanelState, { id, message }: TurnMessage): PanelState {
  const entry = state.entries.get(id);
  if (!entry) return state.have === null ? state : { ...state, lost: true };
  const next = reduce(entry.state, message);
  if (next === entry.state) return state;
  return { ...state, entries: new Map(state.entries).set(id, { ...entry, state: next }) };
}

function merge(known: Entry | undefined, data: EntryData): Entry {
  const { id, question, mentions = [], at, versions, seq, turn, format } = data;
  const snapshot = { kind: "snapshot" as const, seq, turn, ...(format ? { format } : {}) };
  return { id, question, mentions, at, versions, state: reduce(known?.state ?? INITIAL, snapshot) };
}
