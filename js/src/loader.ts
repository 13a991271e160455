// Owns finding the runtime: each cell's widget carries only this; the bundle comes once from the kernel's
// Runtime widget. Does not draw anything but the one line that says that loading failed.

interface Model {
  get(name: string): unknown;
  widget_manager: { get_model(id: string): Promise<Model> };
}
interface RuntimeModule {
  render(context: { model: unknown; el: HTMLElement }): () => void;
}
type Registry = Map<string, Promise<RuntimeModule>>;

const KEY = Symbol.for("lauren_nb.runtime");
const PREFIX = "IPY_MODEL_";

function registry(): Registry {
  const page = globalThis as unknown as Record<symbol, Registry | undefined>;
  return (page[KEY] ??= new Map());
}

async function load(model: Model): Promise<RuntimeModule> {
  const id = String(model.get("runtime")).slice(PREFIX.length);
  const runtime = await model.widget_manager.get_model(id);
  const url = URL.createObjectURL(new Blob([String(runtime.get("source"))], { type: "text/javascript" }));
  try {
    return (await import(url)) as RuntimeModule;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function runtimeOf(model: Model): Promise<RuntimeModule> {
  const known = registry();
  const hash = String(model.get("runtime_hash"));
  let module = known.get(hash);
  if (!module) {
    module = load(model);
    known.set(hash, module);
    module.catch(() => known.delete(hash)); // the next cell tries again
  }
  return module;
}

async function render({ model, el }: { model: Model; el: HTMLElement }): Promise<() => void> {
  try {
    return (await runtimeOf(model)).render({ model, el });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const line = document.createElement("p");
    line.textContent = `The live view could not be loaded (${message}). The answer appears here when it is complete.`;
    el.append(line);
    return () => line.remove();
  }
}

export default { render };
