// Owns which way the text of each format is drawn. Does not know of parts or turns.
import { AnswerReader, type AnswerStep } from "../code/answer_fence";
import { CodeBlock } from "../code/block";
import { MarkdownStream } from "../markdown/stream";
import type { TextFormat } from "../protocol/turn";
import { PlainStream } from "./plain";

/** Something text goes into and out of which nodes come. */
export interface Sink {
  feed(text: string): void;
  end(): void;
  work(spent: () => boolean): boolean;
}

/** The language is `json`, or what the answer's own fence names, or Python. */
class CodeSink implements Sink {
  private block: CodeBlock | null = null;
  private readonly reader: AnswerReader;

  constructor(private readonly root: HTMLElement, private readonly language: string | null, isValue: boolean) {
    this.reader = new AnswerReader(isValue);
  }
  feed(text: string): void {
    this.draw(this.reader.feed(text));
  }
  end(): void {
    this.draw(this.reader.end());
    this.block?.close();
  }
  work(): boolean {
    return true;
  }

  private draw({ again, lines, partial }: AnswerStep): void {
    if (again) this.drop();
    if (lines + partial === "" && !this.block) return;
    this.block ??= this.open();
    this.block.addLines(lines);
    this.block.setPartial(partial);
  }

  private open(): CodeBlock {
    const block = new CodeBlock(this.language ?? (this.reader.info || "python"));
    this.root.append(block.element);
    return block;
  }

  private drop(): void {
    this.block?.element.remove();
    this.block = null;
  }
}

class PlainSink extends PlainStream implements Sink {
  work(): boolean {
    return true;
  }
}

/** Returns what draws text of this format into `root`. A value's text is ours: a fence in it is the user's. */
export function makeSink(root: HTMLElement, format: TextFormat, isValue: boolean): Sink {
  switch (format) {
    case "text":
      root.classList.add("lnb-plain");
      return new PlainSink(root);
    case "code":
      return new CodeSink(root, null, isValue);
    case "json":
      return new CodeSink(root, "json", isValue);
    default:
      root.classList.add("lnb-md");
      return new MarkdownStream(root);
  }
}
