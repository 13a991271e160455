// Owns how the time that is left for a decision reads. Pure.

/** Both in ms of the turn's time. Coarse: in steps of 5 s above a minute, so that it stays calm. */
export function remaining(expiresMs: number | null | undefined, now: number): string {
  if (typeof expiresMs !== "number") return "";
  const exact = Math.max(0, Math.ceil((expiresMs - now) / 1000));
  const s = exact > 60 ? Math.ceil(exact / 5) * 5 : exact;
  if (s === 0) return "denied by itself now";
  if (s >= 3600) return `denied by itself in ${Math.round(s / 3600)} h`;
  return `denied by itself in ${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}
