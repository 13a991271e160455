// Owns the words that Python and the browser share. Does not know how they are drawn.

export type TurnStatus = "waiting" | "streaming" | "done" | "interrupted" | "error";
export type TextFormat = "markdown" | "text" | "code" | "json";
export type ToolStatus = "writing" | "waiting" | "running" | "done" | "error" | "denied" | "cancelled";

/** `elapsed_ms` is how long the thinking took, where the sender knows it. */
export interface ThinkingPart {
  readonly type: "thinking";
  readonly text: string;
  readonly done: boolean;
  readonly elapsed_ms?: number;
}
export interface TextPart {
  readonly type: "text";
  readonly text: string;
  readonly format: TextFormat;
}
export type Decision = "approve" | "deny" | "always" | "always_exact";

/** What a person is asked about a call, then what was decided. `text` is the frozen call that runs if it is
 * approved (JSON, canonical), `digest` its name; times are ISO. */
export interface Approval {
  readonly state: "waiting" | "approved" | "denied";
  readonly digest?: string;
  readonly text?: string;
  readonly expires_at?: string | null;
  readonly can_always?: boolean;
  readonly decided_by?: string | null;
  readonly decided_at?: string | null;
  readonly reason?: string | null;
  readonly edited_text?: string | null;
}
/** `note` is for the person who decided: why their decision did not count. */
export interface ToolChange {
  readonly status?: ToolStatus;
  readonly result?: string | null;
  readonly duration_ms?: number | null;
  readonly note?: string | null;
  readonly approval?: Partial<Approval>;
}
export interface ToolPart {
  readonly type: "tool";
  readonly id: string;
  readonly name: string;
  readonly input_text: string;
  readonly status: ToolStatus;
  readonly result: string | null;
  readonly duration_ms?: number | null;
  readonly note?: string | null;
  readonly approval?: Approval | null;
}
export interface NoticePart {
  readonly type: "notice";
  readonly text: string;
}
export interface ProgressPart {
  readonly type: "progress";
  readonly label: string;
  readonly done: number;
  readonly total: number | null;
}
export interface StepPart {
  readonly type: "step";
  readonly title: string;
}
export type Part = ThinkingPart | TextPart | ToolPart | NoticePart | ProgressPart | StepPart;

export interface Footer {
  readonly model?: string | null;
  readonly provider?: string | null;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_read_tokens?: number | null;
  readonly cache_write_tokens?: number | null;
  readonly reasoning_tokens?: number | null;
  readonly cost_usd?: number | null;
  readonly stop_reason?: string | null;
  readonly tokens_per_s?: number | null;
}
export interface TurnError {
  readonly title: string;
  readonly message: string;
}
export interface Turn {
  readonly status: TurnStatus;
  readonly parts: readonly Part[];
  readonly footer: Footer;
  readonly error: TurnError | null;
  readonly elapsed_ms: number;
}

export type Op =
  | readonly ["text", string]
  | readonly ["format", TextFormat]
  | readonly ["thinking", string]
  | readonly ["thinking_end", number?]
  | readonly ["tool", string, string]
  | readonly ["args", string, string]
  | readonly ["tool_status", string, ToolChange]
  | readonly ["notice", string]
  | readonly ["progress", string, number, number | null]
  | readonly ["step", string]
  | readonly ["footer", Footer]
  | readonly ["status", TurnStatus]
  | readonly ["error", TurnError]
  | readonly ["elapsed", number];

export interface Snapshot {
  readonly kind: "snapshot";
  readonly seq: number;
  readonly turn: Turn;
  /** The format of text parts that later ops open; markdown unless told. */
  readonly format?: TextFormat;
}
export interface Delta {
  readonly kind: "delta";
  readonly seq: number;
  readonly ops: readonly Op[];
}
export interface Tick {
  readonly kind: "tick";
  readonly seq: number;
  readonly elapsed_ms: number;
}
export type Incoming = Snapshot | Delta | Tick;

/** A person's decision on the call that the card showed under `digest`. */
export interface Decide {
  readonly kind: "decide";
  readonly id: string;
  readonly digest: string;
  readonly decision: Decision;
  readonly input_text?: string;
  readonly reason?: string;
}
export type Outgoing =
  | Decide
  | { readonly kind: "attach"; readonly have: number | null }
  | { readonly kind: "stop" };

/** What anywidget hands to `render`; only what this front end uses of it. */
export interface WidgetModel {
  on(name: string, listener: (...args: unknown[]) => void): void;
  off(name: string, listener: (...args: unknown[]) => void): void;
  send(content: unknown): void;
  get?(name: string): unknown;
}
