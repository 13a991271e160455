// Owns saving a text through the browser. Does not know what it holds.

/** The browser's own download: nothing is opened, and nothing leaves the machine. */
export function saveFile(name: string, text: string): void {
  const type = /\.(json|ipynb)$/.test(name) ? "application/json" : "text/markdown";
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
