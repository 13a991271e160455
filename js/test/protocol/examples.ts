// Owns what tests/protocol.json is to the page: examples of every message, of which none may be missing.
import type { PanelIncoming, PanelOutgoing } from "../../src/protocol/panel";
import type { Incoming, Op, Outgoing, Part, Rest, Turn } from "../../src/protocol/turn";

export interface Examples {
  readonly cell: {
    readonly to_page: readonly (Incoming | Rest)[];
    /** What a page has after them. */
    readonly turn: Turn;
    readonly from_page: readonly Outgoing[];
  };
  readonly panel: { readonly to_page: readonly PanelIncoming[]; readonly from_page: readonly PanelOutgoing[] };
}

/** What a wrong example still has, so that it is told once. */
interface Shape {
  readonly cell: { readonly to_page: readonly unknown[]; readonly turn: { readonly parts: readonly unknown[] }; readonly from_page: readonly unknown[] };
  readonly panel: { readonly to_page: readonly unknown[]; readonly from_page: readonly unknown[] };
}
type KindOf<M> = M extends { readonly kind: infer K } ? K : never;
type OpsOf<M> = M extends { readonly ops: readonly (infer O extends readonly unknown[])[] } ? O[0] : never;
type TypeOf<P> = P extends { readonly type: infer T } ? T : never;

/** Which kinds, operations and parts have no example: never, if all have one. A notice and a progress are gone
 * from a turn that has ended. */
export type Missing<E extends Shape> =
  | Exclude<KindOf<Incoming | Rest>, KindOf<E["cell"]["to_page"][number]>>
  | Exclude<KindOf<Outgoing>, KindOf<E["cell"]["from_page"][number]>>
  | Exclude<KindOf<PanelIncoming>, KindOf<E["panel"]["to_page"][number]>>
  | Exclude<KindOf<PanelOutgoing>, KindOf<E["panel"]["from_page"][number]>>
  | Exclude<Op[0], OpsOf<E["cell"]["to_page"][number]>>
  | Exclude<TypeOf<Part>, TypeOf<E["cell"]["turn"]["parts"][number]> | "notice" | "progress">;
