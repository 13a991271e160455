// Played in the page by browser_view.py: feeds one view its deltas and times each task of ours.
async ({head, unit, size, perMessage, interval, thinking}) => {
  const { render } = await import('/runtime.js');
  let handlers = [];
  const model = { on: (n, f) => handlers.push(f), off: () => {}, send: () => {} };
  const out = document.querySelector('#out');
  out.replaceChildren();
  const tasks = [];
  const real = window.realFrame ??= window.requestAnimationFrame.bind(window);
  window.requestAnimationFrame = (f) => real((now) => {
    const t = performance.now(); f(now); tasks.push(performance.now() - t);
  });
  const long = [];
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) long.push(entry.duration);
  });
  observer.observe({ type: 'longtask', buffered: false });
  const cleanup = render({ model, el: out });
  const turn = { status: 'streaming', parts: [], footer: {}, error: null, elapsed_ms: 0 };
  const say = (m) => { const t = performance.now(); for (const f of handlers) f(m); tasks.push(performance.now() - t); };
  say({ kind: 'snapshot', seq: 0, turn });
  gc(); const before = performance.memory.usedJSHeapSize;
  const text = head + unit.repeat(Math.ceil(size / unit.length));
  let seq = 0;
  const op = thinking ? 'thinking' : 'text';
  for (let at = 0; at < text.length; at += perMessage) {
    say({ kind: 'delta', seq: ++seq, ops: [[op, text.slice(at, at + perMessage)]] });
    await new Promise((done) => setTimeout(done, interval));
  }
  for (let n = 0; n < 30; n++) await new Promise((done) => real(done));
  const streamed = tasks.length;
  say({ kind: 'delta', seq: ++seq, ops: [['status', 'done']] });
  for (let n = 0; n < 60; n++) await new Promise((done) => real(done));
  gc(); const after = performance.memory.usedJSHeapSize;
  observer.disconnect();
  const sorted = [...tasks].sort((a, b) => a - b);
  const result = {
    longest: sorted.at(-1), p99: sorted[Math.floor(sorted.length * 0.99)], end: Math.max(...tasks.slice(streamed)),
    total: tasks.reduce((a, b) => a + b, 0), over: tasks.filter((t) => t > 16).length, tasks: tasks.length,
    long: long.length, longtask: Math.max(0, ...long), heap: after - before, shown: out.textContent.length,
    nodes: out.querySelectorAll('*').length,
  };
  cleanup();
  window.requestAnimationFrame = real;
  return result;
}
