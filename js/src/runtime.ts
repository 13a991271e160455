// Owns what the bundle exports: anywidget's render and nothing else.
import { warmUp } from "./warm";

export { render } from "./view";

warmUp();
