// Owns what the bundle exports: anywidget's render and nothing else.
export { render } from "./view";
