// Owns what the bundle exports: anywidget's render, for the view that the widget names.
import { render as renderCell, type RenderContext } from "./cell";
import { renderPanel } from "./panel/view";
import { warmUp } from "./warm";

export function render(context: RenderContext): () => void {
  return context.model.get?.("view") === "panel" ? renderPanel(context) : renderCell(context);
}

warmUp();
