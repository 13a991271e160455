// Folder protocol: owns the messages that kernel and page share, and the state that they make. Pure: does not draw or
// send.
//
// Owns the words of a chat panel: an envelope around the turns' own messages. Does not know how they are drawn.
import type { Incoming, Outgoing, TextFormat, Turn } from "./turn";

/** A message that waits for the answer before it. */
export interface QueuedMessage {
  readonly id: string;
  readonly text: string;
  /** What names each of its files. */
  readonly files?: readonly string[];
}
/** What a page says of a file; its bytes are the message's buffer at the same place. */
export interface FileClaim {
  readonly name: string;
  readonly type: string;
  readonly size: number;
}
/** `paused`: what is queued waits for a person, because the last answer is not whole. */
export interface PanelHead {
  readonly queued?: readonly QueuedMessage[];
  readonly paused?: boolean;
  readonly title: string;
  readonly model: string;
  readonly running: boolean;
  readonly usage: {
    readonly input_tokens: number;
    readonly output_tokens: number;
    readonly cache_read_tokens: number;
    readonly cache_write_tokens: number;
  };
  readonly cost_usd: number | null;
}
/** A variable or file that a question brought along: `text` is what the model got, "" for an image. Where it is a
 * `picture`, the kernel gives its bytes to a page that asks. */
export interface Mention {
  readonly label: string;
  readonly text: string;
  readonly picture?: boolean;
}
/** One question and its answer; `at` is an ISO time, `versions` the ids of this turn's versions, itself among them. */
export interface EntryData {
  readonly id: string;
  readonly question: string;
  readonly mentions?: readonly Mention[];
  readonly at: string;
  readonly seq: number;
  readonly format?: TextFormat;
  readonly turn: Turn;
  readonly versions: readonly string[];
}
/** Head and order as they are now; `entries` are the turns that are new, all of `order` where `whole`. `left` is
 * how many turns stand before them. `nonce` names the message of a page that this answers. */
export interface PanelMessage {
  readonly kind: "panel";
  readonly seq: number;
  readonly epoch: number;
  readonly head: PanelHead;
  readonly order: readonly (readonly [string, readonly string[]])[];
  readonly left: number;
  readonly entries: readonly EntryData[];
  readonly whole?: boolean;
  readonly nonce?: string;
  readonly problem?: string;
}
export interface OlderMessage {
  readonly kind: "older";
  readonly before: string;
  readonly epoch: number;
  readonly left: number;
  readonly entries: readonly EntryData[];
}
export interface TurnMessage {
  readonly kind: "turn";
  readonly id: string;
  readonly message: Incoming;
}
/** The export that was asked for under `nonce`. */
export interface FileMessage {
  readonly kind: "file";
  readonly nonce: string;
  readonly name: string;
  readonly text: string;
}
/** The image that a turn's question brought along at `index` of its mentions; its bytes are the message's buffer. */
export interface PictureMessage {
  readonly kind: "picture";
  readonly id: string;
  readonly index: number;
}
/** A variable and its type. */
export type Name = readonly [name: string, type: string];
/** The names that begin with `prefix`. */
export interface NamesMessage {
  readonly kind: "names";
  readonly prefix: string;
  readonly names: readonly Name[];
}
export type PanelIncoming = PanelMessage | OlderMessage | TurnMessage | FileMessage | PictureMessage | NamesMessage;

/** `nonce` makes a message that arrives twice count once. */
export type PanelOutgoing =
  | { readonly kind: "attach" }
  | { readonly kind: "older"; readonly id: string }
  | { readonly kind: "names"; readonly prefix: string }
  | { readonly kind: "turn"; readonly id: string; readonly message: Outgoing }
  | { readonly kind: "send"; readonly text: string; readonly nonce: string; readonly files?: readonly FileClaim[] }
  | { readonly kind: "edit"; readonly id: string; readonly text: string; readonly nonce: string }
  | { readonly kind: "retry"; readonly id: string; readonly nonce: string }
  | { readonly kind: "choose"; readonly id: string }
  | { readonly kind: "queue_edit"; readonly id: string; readonly text: string }
  | { readonly kind: "queue_remove"; readonly id: string }
  | { readonly kind: "stop" | "clear" | "resume" }
  | { readonly kind: "rename"; readonly title: string }
  | { readonly kind: "export"; readonly format: "markdown" | "json" | "ipynb"; readonly nonce: string }
  | { readonly kind: "picture"; readonly id: string; readonly index: number };

const KINDS = new Set(["panel", "older", "turn", "file", "picture", "names"]);

export function isPanelMessage(content: unknown): content is PanelIncoming {
  return typeof content === "object" && content !== null && KINDS.has((content as { kind?: unknown }).kind as string);
}

/** A name for one message; `crypto.randomUUID` is missing where a server speaks plain http. */
export function makeNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
}
