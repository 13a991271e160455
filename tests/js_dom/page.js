// Runs in the test page. Frames are drawn when a test says so: a text can be fed character by character
// in one go. Owns the audit of what a drawn answer may hold.
(() => {
  const TAGS = new Set(("a b blockquote br button code del details div em figcaption figure h1 h2 h3 h4 h5 h6 hr li " +
    "ol p pre progress s span strong summary table tbody td th thead tr ul").split(" "));
  const MATH = new Set(("math mrow mi mn mo ms mtext mspace mfrac msqrt mroot mstyle merror mpadded mphantom msub " +
    "msup msubsup munder mover munderover mmultiscripts mprescripts none mtable mtr mtd menclose").split(" "));
  const ATTRIBUTES = new Set(("class href target rel referrerpolicy title start tabindex type dir open hidden value " +
    "max role aria-label aria-live aria-hidden disabled").split(" "));
  const MATH_ATTRIBUTES = /^(class|style|display|displaystyle|scriptlevel|mathvariant|stretchy|fence|separator|lspace|rspace|width|height|depth|linethickness|accent|accentunder|movablelimits|largeop|symmetric|minsize|maxsize|form|column[a-z]+|row[a-z]+|notation|side)$/;
  const OWN_CLASS = /^(lnb-[a-z-]+|hljs-[a-z_-]+|language-[a-z]+|tml-[a-z-]+|function_|class_|inherited__|constant_|language_|invoke__|escape_|mathcal|mathscr|upstrike|downstrike|sout)$/;
  let frames = [];
  let handlers = [];
  let sent = [];
  let cleanup = null;
  let seq = 0;

  function flush(limit = 100000) {
    for (let n = 0; frames.length > 0 && n < limit; n++) {
      const now = frames;
      frames = [];
      for (const frame of now) frame(performance.now());
    }
  }
  const model = {
    on: (name, handler) => handlers.push({ name, handler }),
    off: (name, handler) => { handlers = handlers.filter((other) => other.name !== name || other.handler !== handler); },
    send: (message) => sent.push(message),
  };
  const trigger = (event, ...args) => { for (const { name, handler } of handlers) if (name === event) handler(...args); };
  const say = (message) => trigger("msg:custom", message);
  const turn = (parts, status = "streaming") => ({ status, parts, footer: {}, error: null, elapsed_ms: 0 });
  const out = () => document.querySelector("#out");
  const parts = () => out().querySelector(".lnb-parts");

  function faultOf(element) {
    const math = element.namespaceURI === "http://www.w3.org/1998/Math/MathML";
    const tag = element.localName;
    if (!math && element.namespaceURI !== "http://www.w3.org/1999/xhtml") return `namespace of ${tag}`;
    if (!(math ? MATH : TAGS).has(tag)) return `<${tag}>`;
    for (const { name, value } of element.attributes) {
      if (!(math ? MATH_ATTRIBUTES.test(name) : ATTRIBUTES.has(name))) return `${name} on <${tag}>`;
      if (name === "style" && /position|url|fixed|expression|image|inset|z-index|margin/i.test(value)) return `style ${value}`;
      if (name === "class" && !value.split(/\s+/).every((word) => word === "" || OWN_CLASS.test(word))) return `class ${value}`;
      if (name === "href" && !/^(https?:\/\/|mailto:)/.test(value)) return `href ${value}`;
    }
    if (tag === "a" && (element.target !== "_blank" || !/noopener/.test(element.rel))) return "link without noopener";
    return null;
  }
  function audit() {
    for (const element of parts().querySelectorAll("*")) {
      const fault = faultOf(element);
      if (fault) return fault;
    }
    return null;
  }
  const shape = () => parts().innerHTML.replaceAll(" lnb-writing", "");

  window.requestAnimationFrame = (frame) => frames.push(frame);
  window.cancelAnimationFrame = () => { frames = []; };

  window.t = {
    async open() {
      const runtime = await import("/runtime.js");
      window.t.restart = () => {
        cleanup?.();
        handlers = []; sent = []; frames = []; seq = 0;
        cleanup = runtime.render({ model, el: out() });
        say({ kind: "snapshot", seq: 0, turn: turn([]) });
        flush();
      };
      window.t.restart();
    },
    say(message) { say(message); flush(); },
    ops(...ops) { say({ kind: "delta", seq: ++seq, ops }); flush(); },
    hold(...ops) { say({ kind: "delta", seq: ++seq, ops }); },
    flush, audit, shape,
    frame: (frame) => frames.push(frame),
    /** The page's clock stands from now on, `ms` later than it is; its timers run as ever. */
    standStill(ms = 0) {
      const now = performance.now() + ms;
      performance.now = () => now;
    },
    /** An event of the widget's model other than a message. */
    trigger(name) { trigger(name); flush(); },
    sent: () => sent,
    close() { cleanup?.(); cleanup = null; return { handlers: handlers.length, nodes: out().childNodes.length, frames: frames.length }; },
    html: () => out().innerHTML,
    /** What a reader reads. What the browser has not painted yet would be passed over: it is shown for that. */
    text() {
      const style = document.createElement("style");
      style.textContent = "* { content-visibility: visible !important }";
      document.head.append(style);
      const shown = parts().innerText;
      style.remove();
      return shown;
    },
    count: (selector) => out().querySelectorAll(selector).length,
    /** Draws the text at once. */
    whole(text, format = "markdown") {
      window.t.restart();
      say({ kind: "snapshot", seq: 0, turn: turn([{ type: "text", text, format }], "done") });
      flush();
      return shape();
    },
    /** Draws the text in pieces, a frame for each. Returns its shape, and the first fault of any prefix. */
    pieces(list) {
      window.t.restart();
      let fault = null;
      for (const piece of list) {
        window.t.ops(["text", piece]);
        fault ??= audit();
      }
      window.t.ops(["status", "done"]);
      return { shape: shape(), fault: fault ?? audit() };
    },
    /** For many texts: the faults of all their prefixes, and those whose end differs from the whole. */
    everyPrefix(texts) {
      const bad = [];
      for (const text of texts) {
        const { shape: grown, fault } = window.t.pieces([...text]);
        if (fault) bad.push([text, fault]);
        else if (grown !== window.t.whole(text)) bad.push([text, "differs from the whole", grown, shape()]);
      }
      return bad;
    },
  };
})();
