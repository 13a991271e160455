// Owns putting code into a new cell below the active one, as text that nobody runs: through JupyterLab's own
// commands where the page has them (`expose_app_in_browser`), else by way of the clipboard. A kernel cannot do
// it: its `set_next_input` reaches a notebook only with the reply to a cell that runs.
import { copyText } from "../page/dom";
import { prose } from "../text/hazards";

const INSERT = "notebook:insert-cell-below";
const AS_CODE = "notebook:change-cell-to-code";
const REPLACE = "notebook:replace-selection";
/** How often a new cell is looked for, and its text. */
const LOOKS = 40;
const LOOK_MS = 25;

interface Cell {
  readonly model?: { readonly sharedModel?: { getSource?(): string } };
  readonly editor?: unknown;
}
interface App {
  readonly commands: { execute(id: string, args?: object): Promise<unknown>; hasCommand(id: string): boolean };
  readonly shell: { readonly currentWidget?: { readonly content?: { readonly activeCell?: Cell | null } } | null };
}

/** What became of it, in words for the person who clicked. */
export async function insertAsCell(code: string): Promise<string> {
  if (prose(code) !== code) return "Not inserted: it has hidden characters";
  if (await tryInsert(code)) return "Inserted";
  return (await copyText(code)) ? "Copied: paste it into a cell" : "Not copied: select it and press Ctrl+C";
}

/** The page's commands are not ours: whatever they throw, the code is copied instead. */
async function tryInsert(code: string): Promise<boolean> {
  try {
    const app = findApp();
    return app !== null && (await insert(app, code));
  } catch (error) {
    console.warn("lauren: the page's command for a new cell failed.", error);
    return false;
  }
}

/** An element of the page may have that name, too: it has no commands. Whether they are enabled is not asked: they
 * say no while a docked panel has the focus, and do it all the same. */
function findApp(): App | null {
  const { jupyterapp } = globalThis as { jupyterapp?: Partial<App> };
  const { commands, shell } = jupyterapp ?? {};
  if (typeof commands?.execute !== "function" || typeof commands.hasCommand !== "function" || !shell) return null;
  return [INSERT, AS_CODE, REPLACE].every((id) => commands.hasCommand(id)) ? { commands, shell } : null;
}

/** Whether the new cell has the code; a cell that was there before is never written to. */
async function insert(app: App, code: string): Promise<boolean> {
  const before = app.shell.currentWidget?.content?.activeCell;
  await run(app, INSERT);
  const isNew = (cell: Cell | null | undefined): boolean => !!cell && cell !== before && sourceOf(cell) === "";
  if (!(await until(() => isNew(activeCell(app))))) return false;
  await run(app, AS_CODE);
  // Without its editor the command does nothing.
  if (!(await until(() => isNew(activeCell(app)) && !!activeCell(app)?.editor))) return false;
  const cell = activeCell(app)!;
  await run(app, REPLACE, { text: code });
  return until(() => sourceOf(cell) === code);
}

/** What it has done is looked at afterwards; one that never ends is not waited for. */
async function run(app: App, id: string, args?: object): Promise<void> {
  const waited = new Promise((resolve) => setTimeout(resolve, LOOKS * LOOK_MS));
  await Promise.race([app.commands.execute(id, args), waited]);
}

function activeCell(app: App): Cell | null | undefined {
  return app.shell.currentWidget?.content?.activeCell;
}

function sourceOf(cell: Cell): string | undefined {
  return cell.model?.sharedModel?.getSource?.();
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let left = LOOKS; left > 0; left--) {
    if (isSo()) return true;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return isSo();
}
