// Owns which finished pieces mention link labels that are not defined yet. A definition often comes at
// the very end of an answer; only then are the pieces that wait for it drawn again.
import type { MarkdownPiece } from "./blocks";
import { referenceKey, type ParseEnv } from "./parser";

export interface Waiting {
  readonly piece: MarkdownPiece;
  nodes: Node[];
}

const LABEL = /\[((?:[^\[\]\\\n]|\\.){1,200})\]/g;
const DEFINITION = /^[ >]{0,12}\[[^\]]+\]:/m;
const MAX_WAITING = 2000;

export class References {
  private readonly waiting = new Map<string, Set<Waiting>>();
  private readonly known = new Set<string>();
  private count = 0;

  /** Remembers a drawn piece if it mentions a label that `env` does not define. */
  watch(piece: MarkdownPiece, nodes: Node[], env: ParseEnv): void {
    const entry: Waiting = { piece, nodes };
    for (const [, label] of piece.source.matchAll(LABEL)) {
      const key = referenceKey(label!);
      if (key in env.references || this.count >= MAX_WAITING) continue;
      this.count++;
      const set = this.waiting.get(key) ?? new Set();
      this.waiting.set(key, set.add(entry));
    }
  }

  /** Returns the pieces to draw again now that `source` was parsed into `env`. */
  defined(source: string, env: ParseEnv): Waiting[] {
    if (!DEFINITION.test(source)) return [];
    const again = new Set<Waiting>();
    for (const key of Object.keys(env.references)) {
      if (this.known.has(key)) continue;
      this.known.add(key);
      for (const entry of this.waiting.get(key) ?? []) again.add(entry);
      this.waiting.delete(key);
    }
    return [...again];
  }
}
