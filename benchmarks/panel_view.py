"""Measures a long chat in Chromium: our longest tasks, and how soon a typed letter is in the page.

    python -m benchmarks.panel_view [--turns 200 2000] [--seconds 10] [--tokens 50000]

It owns a blank page with the built bundle, and feeds a panel of so many turns as the kernel does:
in pages, then an answer at 100 tokens/s while somebody types, then one of `--tokens` at 20 times
that pace. "task" is our own code with the layout that it asks for, "long" the browser's whole task.
Nothing here is a test.
"""

from __future__ import annotations

import argparse
import http.server
import shutil
import threading

from playwright.sync_api import sync_playwright

from benchmarks.browser_view import ARGS, _Handler

PLAY = """async ({turns, seconds, tokens}) => {
  const { render } = await import('/runtime.js');
  const out = document.querySelector('#out');
  out.style.cssText = 'height: 700px; display: grid';
  const handlers = [], tasks = [], long = [];
  const real = window.realFrame ??= window.requestAnimationFrame.bind(window);
  const timed = (work) => {
      const t = performance.now(); work(); tasks.push(performance.now() - t); };
  window.requestAnimationFrame = (f) => real((now) => timed(() => f(now)));
  new PerformanceObserver((l) => l.getEntries().forEach((e) => long.push(e.duration)))
    .observe({ type: 'longtask' });
  const say = (m) => timed(() => handlers.forEach((f) => f(m)));
  const frame = () => new Promise((done) => real(done));
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const text = (n) => `Answer ${n} with **bold** and \\`code\\`.\\n\\n- one\\n- two\\n\\n` +
    'words go on and on '.repeat(40) + '\\n\\n```python\\nx = 1\\n```\\n';
  const entry = (n, over = {}) => ({ id: `t${n}`, question: `Question ${n}`,
      at: '2026-01-01T10:00:00Z',
    seq: 0, versions: [`t${n}`], turn: { status: 'done', footer: {}, error: null, elapsed_ms: 0,
    parts: [{ type: 'text', text: text(n), format: 'markdown' }], ...over } });
  const all = Array.from({ length: turns }, (_, n) => entry(n));
  const usage = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0 };
  let seq = 0;
  const panel = (list, left, fields) => say({ kind: 'panel', seq: seq++, epoch: 0, left,
      entries: list,
    order: list.map((e) => [e.id, e.versions]), ...fields,
    head: { title: 'Chat', model: 'm', running: fields.running ?? false, usage, cost_usd: null } });
  const model = { get: () => 'panel', on: (n, f) => n === 'msg:custom' &&
      handlers.push(f), off: () => {},
    send: (m) => m.kind === 'older' && setTimeout(() => {
      const end = all.findIndex((e) => e.id === m.id), start = Math.max(0, end - 40);
      if (end > 0) say({ kind: 'older', before: m.id, epoch: 0, left: start,
          entries: all.slice(start, end) });
    }) };
  const report = () => {
    const r = { task: Math.max(...tasks), over16: tasks.filter((t) => t > 16).length,
      over50: tasks.filter((t) => t > 50).length, long: Math.max(0, ...long), longs: long.length };
    tasks.length = long.length = 0;
    return r;
  };
  const result = {};
  const cleanup = render({ model, el: out });
  panel(all.slice(-20), Math.max(0, turns - 20), { whole: true });
  const began = performance.now();
  while (out.querySelectorAll('.lnb-entry').length < turns &&
      performance.now() - began < 60000) await pause(20);
  await pause(500);
  result.open = { ...report(), all_ms: performance.now() - began - 500,
    nodes: out.querySelectorAll('*').length };
  const now = entry('now', { status: 'streaming', parts: [] });
  seq++; all.push(now);
  say({ kind: 'panel', seq: --seq, epoch: 0, left: Math.max(0, turns - 19), entries: [now],
    order: all.slice(-20).map((e) => [e.id, e.versions]),
    head: { title: 'Chat', model: 'm', running: true, usage, cost_usd: null } });
  await frame(); await frame(); report();
  const area = out.querySelector('.lnb-ask'), typed = [];
  let delta = 0;
  const stream = async (pieces, size) => {
    for (let n = 0; n < pieces; n++) {
      const piece = 'some more words in the answer, with **bold** ones. '.repeat(20)
        .slice(0, size - 2) + (n % 8 === 7 ? '\\n\\n' : '  ');
      say({ kind: 'turn', id: 'tnow', message: { kind: 'delta', seq: ++delta, ops: [['text',
          piece]] } });
      const t = performance.now();
      area.value += 'x'; area.dispatchEvent(new Event('input', { bubbles: true }));
      await frame(); await frame();
      typed.push(performance.now() - t);
      await pause(Math.max(0, 50 - (performance.now() - t)));
    }
    typed.sort((a, b) => a - b);
    const r = { ...report(), letter_p99: typed[Math.floor(typed.length * 0.99)] };
    typed.length = 0; area.value = '';
    return r;
  };
  result['100 tokens/s'] = await stream(seconds * 20, 20);
  result[`${tokens} tokens`] = await stream(Math.ceil(tokens / 100), 400);
  const shown = out.querySelector('.lnb-entry:last-child .lnb-text').textContent.length;
  cleanup();
  return { result, shown };
}"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--turns", type=int, nargs="+", default=[200, 2000])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--tokens", type=int, default=50_000)
    options = parser.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            path = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=ARGS)
            for turns in options.turns:
                page = browser.new_page()
                page.goto(f"http://127.0.0.1:{server.server_port}/")
                job = {"turns": turns, "seconds": options.seconds, "tokens": options.tokens}
                measured = page.evaluate(PLAY, job)
                for name, row in measured["result"].items():
                    line = "  ".join(f"{key} {value:.0f}" for key, value in row.items())
                    print(f"{turns:5} turns  {name:14} {line}", flush=True)
                page.close()
            browser.close()
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
