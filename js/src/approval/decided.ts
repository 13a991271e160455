// Owns what stays of an approval after it: who decided what and when, and what was changed. Draws no question.
import { h } from "../page/dom";
import type { Approval } from "../protocol/turn";
import { diffLines } from "../text/diff";
import { visible } from "../text/hazards";
import { reveal } from "./arguments";

const BY: Readonly<Record<string, string>> = {
  timeout: "by the time limit",
  cancelled: "because the run ended",
  grant: "by an earlier Always",
};
const MARKS = { same: " ", old: "−", new: "+" } as const;

/** Who decided: "by click", "by policy". */
export function whoDecided({ decided_by }: Approval): string {
  if (!decided_by) return "";
  return Object.hasOwn(BY, decided_by) ? BY[decided_by]! : `by ${visible(decided_by)}`;
}

/** One quiet line. */
export function describeDecision(approval: Approval): string {
  const who = whoDecided(approval);
  const reason = approval.reason ? visible(approval.reason) : "";
  const did = approval.state === "denied" ? "Denied" : approval.edited_text ? "Approved with changed arguments" : "Approved";
  const head = reason ? [`${did}: ${reason}`, who] : [`${did} ${who}`.trim()];
  return [...head, clock(approval.decided_at)].filter((item) => item !== "").join(" · ");
}

/** The person's own time of day. */
function clock(iso: string | null | undefined): string {
  const at = iso ? new Date(iso) : null;
  if (!at || Number.isNaN(at.getTime())) return "";
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

/** The line, and what was changed in a fold. */
export function drawDecision(approval: Approval): HTMLElement[] {
  const line = h("div", "lnb-decided", describeDecision(approval));
  if (!approval.edited_text || !approval.text) return [line];
  const diff = h("div", "lnb-diff", ...drawDiff(approval.text, approval.edited_text));
  return [line, h("details", "lnb-decided-diff", h("summary", "", "What was changed"), diff)];
}

/** Lines with their sign, so that the difference does not hang on colours. */
export function drawDiff(before: string, after: string): HTMLElement[] {
  return diffLines(before, after).map(({ kind, text }) => {
    const mark = h("span", "lnb-diff-mark", MARKS[kind]);
    const line = h(kind === "old" ? "del" : kind === "new" ? "ins" : "div", `lnb-diff-${kind}`, mark);
    line.append(...reveal(text, true));
    return line;
  });
}
