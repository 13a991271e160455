// Owns which way the text of each format is drawn. Does not know of parts or turns.
import { CodeBlock } from "./code";
import { PlainStream } from "./plain";
import type { TextFormat } from "./protocol";
import { MarkdownStream } from "./stream";

/** Something text goes into and out of which nodes come. */
export interface Sink {
  feed(text: string): void;
  end(): void;
  work(spent: () => boolean): boolean;
}

class CodeSink implements Sink {
  private readonly block: CodeBlock;
  private rest = "";

  constructor(root: HTMLElement, info: string) {
    this.block = new CodeBlock(info);
    root.append(this.block.element);
  }
  feed(text: string): void {
    this.rest += text;
    const end = this.rest.lastIndexOf("\n") + 1;
    this.block.addLines(this.rest.slice(0, end));
    this.rest = this.rest.slice(end);
    this.block.setPartial(this.rest);
  }
  end(): void {
    this.block.setPartial("");
    this.block.addLines(this.rest);
    this.rest = "";
    this.block.close();
  }
  work(): boolean {
    return true;
  }
}

class PlainSink extends PlainStream implements Sink {
  work(): boolean {
    return true;
  }
}

/** Returns what draws text of this format into `root`. */
export function makeSink(root: HTMLElement, format: TextFormat): Sink {
  switch (format) {
    case "text":
      root.classList.add("lnb-plain");
      return new PlainSink(root);
    case "code":
      return new CodeSink(root, "python");
    case "json":
      return new CodeSink(root, "json");
    default:
      root.classList.add("lnb-md");
      return new MarkdownStream(root);
  }
}
