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
  /** Made of a model's text, in whose place it stands. */
  readonly value?: boolean;
}
export type Decision = "approve" | "deny" | "always" | "always_exact";

/** What a person is asked about a call, then what was decided. `text` is the frozen call that runs if it is
 * approved (JSON, canonical), `digest` its name. `expires_ms` is the turn's time when it is denied by itself: a
 * page's clock may be wrong. `decided_at` is ISO. */
export interface Approval {
  readonly state: "waiting" | "approved" | "denied";
  readonly digest?: string;
  readonly text?: string;
  readonly expires_ms?: number | null;
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
  /** What is counted, such as rows; bytes without it. */
  readonly unit?: string | null;
}
export type StepStatus = "running" | "done" | "error" | "interrupted";

/** The parts that follow belong to it, until the next step. `began_ms` is the turn's time when it began; the
 * fields of a footer come at its end. */
export interface StepPart extends Footer {
  readonly type: "step";
  readonly title: string;
  readonly status: StepStatus;
  readonly began_ms: number;
  readonly elapsed_ms?: number;
}
export type StepEnd = Footer & { readonly status: StepStatus; readonly elapsed_ms?: number };
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
  /** The counts are a guess, of an answer that was interrupted. */
  readonly is_estimated?: boolean;
  /** In words, why an answer is not whole, and what its provider said of that. */
  readonly stop_note?: string | null;
  readonly stop_detail?: string | null;
  /** Of `--map`; the saved output keeps them, the line does not show them. */
  readonly rows?: number;
  readonly rows_failed?: number;
  readonly rows_kept?: number;
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

export function isRunning(turn: Turn): boolean {
  return turn.status === "waiting" || turn.status === "streaming";
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
  | readonly ["progress", string, number, number | null, string?]
  | readonly ["step", string, number]
  | readonly ["step_end", StepEnd]
  | readonly ["value", string, TextFormat]
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
/** The output that takes the place of the view of that model, for a page that was reloaded in mid-run. */
export interface Rest {
  readonly kind: "rest";
  readonly model_id: string;
  readonly data: Readonly<Record<string, string>>;
  readonly metadata: object;
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
  send(content: unknown, callbacks?: unknown, buffers?: readonly ArrayBuffer[]): void;
  get?(name: string): unknown;
  readonly widget_manager?: unknown;
}
