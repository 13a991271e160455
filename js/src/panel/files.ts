// Owns the files that go with the next message: picked, pasted or dropped, checked, and shown as chips. Does not
// send them. The kernel checks them again; what is refused here need not be sent first.
import { setAction } from "../page/actions";
import { button, h, setText } from "../page/dom";
import { visible } from "../text/hazards";
import { drawPicture, imageType, MAX_IMAGE } from "./pictures";

const MAX_FILES = 8;
const MAX_TEXT = 200_000;
/** A Jupyter server closes the connection over a message above 10 MiB. */
const MAX_TOTAL = 8_000_000;
const MAX_NAME = 300;
const PICK = "Attach images or text files";

export interface AttachedFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: ArrayBuffer;
}
/** Called after each change, with what was refused and why, or "". */
export type OnFiles = (problem: string) => void;

/** Made once a composer; `listen` makes a panel take what is dropped on it. */
export class FileTray {
  private readonly pick = button("lnb-pick", PICK, "+");
  private readonly input = h("input");
  /** The button, and the browser's chooser behind it. */
  readonly key = h("div", "lnb-ask-pick", this.pick, this.input);
  readonly element = h("ul", "lnb-files");
  private readonly pictures = new WeakMap<AttachedFile, HTMLImageElement | null>();
  private files: readonly AttachedFile[] = [];
  private reading = 0;
  private locked = false;

  constructor(private readonly area: HTMLTextAreaElement, private readonly onFiles: OnFiles, signal: AbortSignal) {
    this.input.type = "file";
    this.input.multiple = true;
    this.input.hidden = true;
    this.input.setAttribute("aria-label", PICK);
    this.element.setAttribute("aria-label", "Attached files");
    this.element.hidden = true;
    setAction(this.pick, () => this.input.click());
    this.input.addEventListener("change", () => this.onPicked(), { signal });
    area.addEventListener("paste", (event) => this.onPaste(event), { signal });
  }

  /** Files that are dropped anywhere on `root` are attached: the page does not open them. */
  listen(root: HTMLElement, signal: AbortSignal): void {
    const onDrag = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      const over = event.type === "dragenter" || event.type === "dragover";
      const inside = event.relatedTarget instanceof Node && root.contains(event.relatedTarget);
      root.classList.toggle("lnb-dropping", over || (event.type === "dragleave" && inside));
      if (over) event.dataTransfer.dropEffect = "copy";
      if (event.type === "drop") void this.add([...event.dataTransfer.files]);
    };
    for (const name of ["dragenter", "dragover", "dragleave", "drop"] as const) {
      root.addEventListener(name, onDrag, { signal });
    }
  }

  /** Whether a file is being read: the message has to wait for it. */
  get isReading(): boolean {
    return this.reading > 0;
  }

  list(): readonly AttachedFile[] {
    return this.files;
  }

  /** Those that the kernel has are no longer of the next message. */
  drop(sent: readonly AttachedFile[]): void {
    this.files = this.files.filter((file) => !sent.includes(file));
    this.show();
  }

  /** While a message is on its way, what goes with it stays. */
  lock(locked: boolean): void {
    if (locked === this.locked) return;
    this.locked = locked;
    this.show();
  }

  private onPicked(): void {
    const picked = [...(this.input.files ?? [])];
    this.input.value = ""; // so that the same file can be picked again
    this.area.focus({ preventScroll: true });
    void this.add(picked);
  }

  private onPaste(event: ClipboardEvent): void {
    const data = event.clipboardData;
    if (!data || data.files.length === 0) return;
    // A spreadsheet or a document puts a picture of its text beside the text.
    if (data.types.includes("text/plain") && data.types.includes("text/html")) return;
    event.preventDefault();
    void this.add([...data.files]);
  }

  private async add(files: readonly File[]): Promise<void> {
    this.reading++;
    this.onFiles("");
    const problems: string[] = [];
    for (const file of files) {
      const found = await read(file);
      const problem = typeof found === "string" ? found : this.take(found);
      if (problem !== "") problems.push(problem);
    }
    this.reading--;
    this.show();
    this.onFiles([...new Set(problems)].slice(0, 4).join(" "));
  }

  /** Why it is not taken, or "". */
  private take(file: AttachedFile): string {
    if (this.files.length >= MAX_FILES) return `A message takes ${MAX_FILES} files, no more.`;
    const total = this.files.reduce((sum, { bytes }) => sum + bytes.byteLength, file.bytes.byteLength);
    if (total > MAX_TOTAL) return `${visible(file.name)} is too much: a message takes ${formatSize(MAX_TOTAL)} in all.`;
    this.files = [...this.files, file];
    return "";
  }

  private show(): void {
    this.element.replaceChildren(...this.files.map((file) => this.chip(file)));
    this.element.hidden = this.files.length === 0;
  }

  private chip(file: AttachedFile): HTMLElement {
    const name = visible(file.name);
    const remove = button("lnb-act", `Remove ${name}`, "×");
    remove.disabled = this.locked;
    setAction(remove, () => {
      this.drop([file]);
      this.onFiles("");
      this.pick.focus({ preventScroll: true });
    });
    const shown = h("span", "lnb-file-name", name);
    shown.title = name;
    const size = h("span", "lnb-file-size");
    setText(size, formatSize(file.bytes.byteLength));
    return h("li", "lnb-file", this.picture(file), shown, size, remove);
  }

  /** Decoded once, however often the chips are drawn. */
  private picture(file: AttachedFile): HTMLImageElement | null {
    const known = this.pictures.get(file);
    if (known !== undefined) return known;
    const made = drawPicture(new Uint8Array(file.bytes));
    this.pictures.set(file, made);
    return made;
  }
}

/** Bytes as the kernel says them, too: 980 B, 31 kB, 3.7 MB. */
export function formatSize(size: number): string {
  if (size < 1000) return `${size} B`;
  return size < 999_500 ? `${Math.round(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

/** The file, or why it is not taken. Its bytes say what it is, not its name. */
async function read(file: File): Promise<AttachedFile | string> {
  const name = file.name.slice(-MAX_NAME) || "file";
  const shown = visible(name);
  const tooLarge = (kind: string, most: number): string =>
    `${shown} has ${formatSize(file.size)}: ${kind} may have ${formatSize(most)}.`;
  try {
    const start = new Uint8Array(await file.slice(0, 12).arrayBuffer());
    const image = imageType(start) !== null;
    if (image && file.size > MAX_IMAGE) return tooLarge("an image", MAX_IMAGE);
    if (!image && file.size > MAX_TEXT) return tooLarge("a text file", MAX_TEXT);
    const bytes = await file.arrayBuffer();
    if (!image && !isText(bytes)) return `${shown} is neither a PNG, JPEG, GIF or WebP image nor UTF-8 text.`;
    return { name, type: file.type.slice(0, 100), bytes };
  } catch (error) {
    // A folder, or a file that is gone.
    if (!(error instanceof DOMException)) throw error;
    return `${shown} cannot be read.`;
  }
}

function isText(bytes: ArrayBuffer): boolean {
  try {
    return !new TextDecoder("utf-8", { fatal: true }).decode(bytes).includes("\0");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return false;
  }
}
