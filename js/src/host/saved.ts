// Owns the place of an answer at rest in a page that was reloaded while it came. Does not write the answer.
//
// The kernel's last word replaces a cell's view by its display id. A page that was reloaded does not know the
// id: JupyterLab gives such a message only to the page that ran the cell. It would save the view as it was. So
// the kernel sends the output to the view, too, and here it goes into the notebook, which JupyterLab's widget
// manager knows (`context`, not in anywidget's types). Where there is none, the view stays.
import type { Rest } from "../protocol/turn";

const VIEW = "application/vnd.jupyter.widget-view+json";

interface Output {
  readonly data?: Readonly<Record<string, { readonly model_id?: string } | undefined>>;
}
interface Outputs {
  readonly length: number;
  get(index: number): Output;
  set(index: number, output: object): void;
}
interface Cells {
  readonly length: number;
  get(index: number): { readonly outputs?: Outputs };
}
interface Manager {
  readonly context?: { readonly model?: { readonly cells?: Cells } };
}

/** Puts the output in the place of the view that the notebook shows; whether there was one. */
export function putToRest(manager: unknown, { model_id, data, metadata }: Rest): boolean {
  const cells = (manager as Manager | undefined)?.context?.model?.cells;
  if (typeof cells?.get !== "function") return false;
  for (let index = 0; index < cells.length; index++) {
    const outputs = cells.get(index).outputs;
    const place = outputs ? findView(outputs, model_id) : -1;
    if (outputs && place >= 0) {
      outputs.set(place, { output_type: "display_data", data, metadata });
      return true;
    }
  }
  return false;
}

function findView(outputs: Outputs, id: string): number {
  for (let index = 0; index < outputs.length; index++) {
    if (outputs.get(index).data?.[VIEW]?.model_id === id) return index;
  }
  return -1;
}
