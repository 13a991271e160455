// Owns how numbers read: durations, deadlines, tokens, money, bytes. Pure; lauren_nb/_display/format.py writes the same at
// rest.
import type { Footer, Turn } from "../protocol/turn";

export function seconds(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 100) return `${(tenths / 10).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** Whole seconds, for labels that tick. */
export function wholeSeconds(ms: number): string {
  const s = Math.floor(Math.max(0, ms) / 1000);
  return s < 60 ? `${s} s` : `${Math.floor(s / 60)} min ${s % 60} s`;
}

/** The time that is left for a decision; both in ms of the turn's time. Coarse: in steps of 5 s above a minute, so
 * that it stays calm. */
export function remaining(expiresMs: number | null | undefined, now: number): string {
  if (typeof expiresMs !== "number") return "";
  const exact = Math.max(0, Math.ceil((expiresMs - now) / 1000));
  const s = exact > 60 ? Math.ceil(exact / 5) * 5 : exact;
  if (s === 0) return "denied by itself now";
  if (s >= 3600) return `denied by itself in ${Math.round(s / 3600)} h`;
  return `denied by itself in ${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

export function count(n: number): string {
  return Math.round(n).toString().replace(/\B(?=(\d{3})+$)/g, ",");
}

export function money(usd: number): string {
  if (usd === 0) return "$0";
  if (usd < 0.0001) return "<$0.0001";
  return `$${usd.toFixed(usd < 0.1 ? 4 : 2)}`;
}

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${(n / 1e3).toFixed(1)} kB`;
  return n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(2)} GB`;
}

const PLAIN_STOPS = new Set(["end_turn", "tool_use", "stop_sequence"]);
const STOPS: Readonly<Record<string, string>> = {
  max_tokens: "cut at the token limit",
  refusal: "refused",
  content_filter: "cut by a content filter",
  context_window: "cut at the end of the context window",
  max_turns: "ended at the limit of turns",
  budget_exceeded: "ended at the limit of cost",
};

/** The parts of the footer line, in order; what is not known is left out, what is a guess begins with ~. */
export function footerItems(turn: Pick<Turn, "footer">, elapsedMs: number): string[] {
  const f = turn.footer;
  const about = f.is_estimated ? "~" : "";
  const counts = [inTokens(f), outTokens(f)].map((item) => (item === null ? null : about + item));
  const items: (string | null)[] = [f.model ?? null, ...counts];
  if (f.cost_usd !== null && f.cost_usd !== undefined) items.push(about + money(f.cost_usd));
  if (elapsedMs > 0) items.push(seconds(elapsedMs));
  if (f.tokens_per_s) items.push(`${Math.round(f.tokens_per_s)} tok/s`);
  const stop = f.stop_reason;
  if (stop && !PLAIN_STOPS.has(stop)) items.push(STOPS[stop] ?? stop);
  return items.filter((item): item is string => item !== null && item !== "");
}

function inTokens(f: Footer): string | null {
  if (f.input_tokens === null || f.input_tokens === undefined) return null;
  const notes: string[] = [];
  if (f.cache_read_tokens) notes.push(`${count(f.cache_read_tokens)} cached`);
  if (f.cache_write_tokens) notes.push(`${count(f.cache_write_tokens)} written to cache`);
  const sent = f.input_tokens + (f.cache_read_tokens ?? 0) + (f.cache_write_tokens ?? 0);
  return `${count(sent)} in${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
}

function outTokens(f: Footer): string | null {
  if (f.output_tokens === null || f.output_tokens === undefined) return null;
  const thought = f.reasoning_tokens ? ` (${count(f.reasoning_tokens)} thinking)` : "";
  return `${count(f.output_tokens)} out${thought}`;
}
