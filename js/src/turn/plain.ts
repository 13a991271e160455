// Owns text that is shown as it is (thinking, plain answers): grows at its end in bounded pieces.
// Does not read Markdown.
import { h } from "../page/dom";
import { prose } from "../text/hazards";

const PIECE = 2048;

/** Created with the element that it fills. */
export class PlainStream {
  private held = "";
  private raw = "";
  private node: Text | null = null;

  constructor(private readonly root: HTMLElement) {}

  feed(text: string): void {
    let rest = (this.held + text).replace(/\r\n/g, "\n");
    this.held = /[\r\uD800-\uDBFF]$/.exec(rest)?.[0] ?? "";
    rest = rest.slice(0, rest.length - this.held.length);
    while (rest !== "") {
      const room = PIECE - this.raw.length;
      const end = rest.length <= room ? rest.length : cut(rest, Math.max(room, 1));
      this.raw += rest.slice(0, end);
      rest = rest.slice(end);
      this.paint();
      if (rest !== "") this.seal();
    }
  }

  end(): void {
    const last = this.held;
    this.held = "";
    if (last !== "") {
      this.raw += last === "\r" ? "\n" : last;
      this.paint();
    }
  }

  private paint(): void {
    if (!this.node) {
      this.node = document.createTextNode("");
      this.root.append(h("div", "lnb-piece", this.node));
    }
    const shown = prose(this.raw);
    if (shown.startsWith(this.node.data)) this.node.appendData(shown.slice(this.node.data.length));
    else this.node.data = shown;
  }

  private seal(): void {
    this.raw = "";
    this.node = null;
  }
}

/** After the last line feed within the room, else after a space, else between two characters. */
function cut(text: string, room: number): number {
  const feed = text.lastIndexOf("\n", room - 1) + 1;
  if (feed > 0) return feed;
  const space = text.lastIndexOf(" ", room - 1) + 1;
  if (space > 0) return space;
  const code = text.charCodeAt(room - 1);
  return code >= 0xd800 && code <= 0xdbff ? room + 1 : room;
}
