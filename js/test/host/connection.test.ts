import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Connection } from "../../src/host/connection";
import { INITIAL, type State } from "../../src/protocol/reduce_turn";

let now = 0;
beforeEach(() => {
  now = 10_000;
  mock.method(performance, "now", () => now);
  mock.timers.enable({ apis: ["setInterval"] });
});
afterEach(() => {
  mock.restoreAll();
  mock.timers.reset();
});

function connect() {
  const kernel = new EventEmitter();
  const sent: unknown[] = [];
  const seen: string[] = [];
  const end = new AbortController();
  const model = {
    on: (name: string, listener: (...args: unknown[]) => void) => void kernel.on(name, listener),
    off: (name: string, listener: (...args: unknown[]) => void) => void kernel.off(name, listener),
    send: (content: unknown) => void sent.push(content),
  };
  const hooks = {
    onMessage: (content: unknown) => void seen.push(String(content)),
    onAlive: () => void seen.push("alive changed"),
    onTick: () => void seen.push("tick"),
  };
  return { kernel, sent, seen, end, connection: new Connection<string>(model, hooks, end.signal) };
}

function told(elapsed_ms: number, epoch = 1): State {
  return { ...INITIAL, have: 0, lost: false, epoch, turn: { ...INITIAL.turn, status: "streaming", elapsed_ms } };
}

test("a kernel that was lost is back with its next message", () => {
  const { kernel, seen, connection } = connect();
  for (const name of ["comm:close", "comm_live_update"]) {
    kernel.emit(name);
    kernel.emit(name);
    assert.equal(connection.alive, false);
    kernel.emit("msg:custom", name);
    assert.equal(connection.alive, true);
  }
  assert.deepEqual(seen, ["alive changed", "alive changed", "comm:close", "alive changed", "alive changed", "comm_live_update"]);
});

test("what was missed is asked for every two seconds, each turn by itself", () => {
  const { sent, connection } = connect();
  connection.ask("", "all");
  connection.heal("", "all again");
  connection.heal("a", "turn a");
  now += 1999;
  connection.heal("a", "turn a again");
  assert.deepEqual(sent, ["all", "turn a"]);
  now += 1;
  connection.heal("a", "turn a again");
  assert.deepEqual(sent, ["all", "turn a", "turn a again"]);
});

test("a turn's time goes on between the kernel's messages, and ends with the turn", () => {
  const { connection } = connect();
  connection.note("a", told(500));
  now += 300;
  assert.equal(connection.elapsed("a", told(500)), 800);
  connection.note("a", told(500)); // more text, no news of the time
  assert.equal(connection.elapsed("a", told(500)), 800);
  connection.note("a", told(500, 2)); // a snapshot: the kernel stood still
  assert.equal(connection.elapsed("a", told(500, 2)), 500);
  const done = { ...told(700), turn: { ...told(700).turn, status: "done" as const } };
  now += 300;
  assert.equal(connection.elapsed("a", done), 700);
});

test("a turn whose time the kernel has not told stands still", () => {
  const { connection } = connect();
  connection.note("", INITIAL);
  now += 300;
  assert.equal(connection.elapsed("", INITIAL), 0);
});

test("nothing is kept of a turn that is gone, but of the view itself", () => {
  const { sent, connection } = connect();
  connection.ask("", "all");
  connection.ask("a", "turn a");
  connection.note("a", told(500));
  connection.forget((id) => id !== "a");
  now += 300;
  assert.equal(connection.elapsed("a", told(500)), 500);
  connection.heal("", "all");
  connection.heal("a", "turn a");
  assert.deepEqual(sent, ["all", "turn a", "turn a"]);
});

test("nothing is heard and no clock runs after the end", () => {
  const { kernel, seen, end } = connect();
  mock.timers.tick(2000);
  assert.deepEqual(seen, ["tick", "tick"]);
  end.abort();
  mock.timers.tick(2000);
  kernel.emit("msg:custom", "late");
  assert.deepEqual(seen, ["tick", "tick"]);
  assert.deepEqual(kernel.eventNames(), []);
});
