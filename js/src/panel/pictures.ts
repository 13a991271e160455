// Owns the small pictures of attached images: asked of the kernel, checked by their bytes, drawn from a blob of
// this page. Does not know turns or messages. No address that a model or a file chose is ever loaded.
import { setAction } from "../page/actions";
import { button, h } from "../page/dom";
import { prose } from "../text/hazards";

type Show = (picture: HTMLImageElement) => void;

/** As the kernel's: what providers take, 5 MB, counts an image as it is sent, in base64. */
export const MAX_IMAGE = 3_700_000;
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const KINDS: readonly (readonly [type: string, magic: readonly number[], at?: number])[] = [
  ["image/png", PNG],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
  ["image/webp", [0x57, 0x45, 0x42, 0x50], 8],
];
const RIFF = [0x52, 0x49, 0x46, 0x46];

/** What its first twelve bytes say, whatever a name says; null for no image that every page draws. */
export function imageType(start: Uint8Array): string | null {
  const begins = (magic: readonly number[], at = 0): boolean => magic.every((byte, i) => start[at + i] === byte);
  const [type] = KINDS.find(([, magic, at]) => begins(magic, at)) ?? [null];
  return type === "image/webp" && !begins(RIFF) ? null : type;
}

/** A picture of these bytes, null where they are none. Its address ends when it has loaded, or cannot be. */
export function drawPicture(bytes: Uint8Array<ArrayBuffer>, onLoad: Show = () => undefined): HTMLImageElement | null {
  const type = imageType(bytes);
  if (type === null || bytes.byteLength > MAX_IMAGE) return null;
  const url = URL.createObjectURL(new Blob([bytes], { type }));
  const picture = h("img", "lnb-picture");
  picture.alt = "";
  picture.decoding = "async";
  picture.draggable = false;
  const end = (after: Show): void => {
    URL.revokeObjectURL(url);
    after(picture);
  };
  picture.addEventListener("load", () => end(onLoad), { once: true });
  picture.addEventListener("error", () => end(() => picture.remove()), { once: true });
  picture.src = url;
  return picture;
}

/** A picture of a question, small until it is pressed. */
export function makePictureKey(picture: HTMLImageElement, label: string): HTMLElement {
  const key = button("lnb-picture-key", `Enlarge ${prose(label)}`, picture);
  key.setAttribute("aria-expanded", "false");
  setAction(key, () => {
    const large = key.parentElement?.classList.toggle("lnb-large") ?? false;
    key.setAttribute("aria-expanded", String(large));
  });
  return key;
}

/** Made once a panel; `receive` with each picture that the kernel sends. Each waits until `place`, so that the page
 * grows in a frame of its own making, where the end of a conversation stays in sight. */
export class Pictures {
  private readonly wanted = new Map<string, Set<Show>>();

  private readonly ready: (() => void)[] = [];

  constructor(private readonly onAsk: (id: string, index: number) => void, private readonly onReady: () => void) {}

  place(): void {
    for (const show of this.ready.splice(0)) show();
  }

  /** Asks for the image at that place of a turn's question; `show` gets it, until `signal`. */
  want(id: string, index: number, show: Show, signal: AbortSignal): void {
    const name = `${id}/${index}`;
    const waiting = this.wanted.get(name) ?? new Set();
    this.wanted.set(name, waiting.add(show));
    signal.addEventListener("abort", () => {
      waiting.delete(show);
      if (waiting.size === 0) this.wanted.delete(name);
    });
    this.onAsk(id, index);
  }

  receive(id: string, index: number, buffer: unknown): void {
    const name = `${id}/${index}`;
    const waiting = this.wanted.get(name);
    this.wanted.delete(name);
    for (const show of waiting ?? []) drawPicture(toBytes(buffer), (picture) => this.keep(() => show(picture)));
  }

  private keep(show: () => void): void {
    this.ready.push(show);
    this.onReady();
  }
}

/** What a widget's message brings beside it: a view of bytes, or, in some hosts, the bytes. */
function toBytes(buffer: unknown): Uint8Array<ArrayBuffer> {
  if (ArrayBuffer.isView(buffer)) return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.byteLength);
  return buffer instanceof ArrayBuffer ? new Uint8Array(buffer) : new Uint8Array();
}
