// Folder text: owns how text, links and numbers read to a person, nothing hidden in them. Pure: builds no elements.
//
// Owns the difference of two texts by lines. Pure.

export interface DiffLine {
  readonly kind: "same" | "old" | "new";
  readonly text: string;
}

/** Above this many pairs of lines the changed middle is shown as replaced whole. */
const MAX_PAIRS = 250_000;

export function diffLines(before: string, after: string): DiffLine[] {
  const a = before.split("\n");
  const b = after.split("\n");
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  const room = Math.min(a.length, b.length) - head;
  while (tail < room && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return [
    ...a.slice(0, head).map((text) => ({ kind: "same", text }) as const),
    ...diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map((text) => ({ kind: "same", text }) as const),
  ];
}

function diffMiddle(a: readonly string[], b: readonly string[]): DiffLine[] {
  const lengths = a.length * b.length > MAX_PAIRS ? null : commonLengths(a, b);
  const out: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (lengths && i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push({ kind: "same", text: a[i]! });
      i++;
      j++;
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) out.push({ kind: "old", text: a[i++]! });
    else out.push({ kind: "new", text: b[j++]! });
  }
  out.push(...a.slice(i).map((text) => ({ kind: "old", text }) as const));
  out.push(...b.slice(j).map((text) => ({ kind: "new", text }) as const));
  return out;
}

/** The length of the longest common subsequence of a[i…] and b[j…]. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = table[i]!;
      row[j] = a[i] === b[j] ? table[i + 1]![j + 1]! + 1 : Math.max(table[i + 1]![j]!, row[j + 1]!);
    }
  }
  return table;
}
