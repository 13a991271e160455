import assert from "node:assert/strict";
import { test } from "node:test";
import { putToRest } from "../../src/host/saved";
import type { Rest } from "../../src/protocol/turn";

const VIEW = "application/vnd.jupyter.widget-view+json";
const REST: Rest = { kind: "rest", model_id: "m2", data: { "text/markdown": "*x*" }, metadata: { lauren: {} } };

function listOf(items: object[]): object {
  return { length: items.length, get: (index: number) => items[index], set: (index: number, item: object) => (items[index] = item) };
}

const view = (id: string): object => ({ data: { "text/plain": "…", [VIEW]: { model_id: id } } });

test("the output takes the place of its own view and of no other", () => {
  const outputs = [{}, view("m1"), view("m2"), { data: { "text/plain": "1" } }];
  const cells = [{}, { outputs: listOf([view("m3")]) }, { outputs: listOf(outputs) }];
  assert.equal(putToRest({ context: { model: { cells: listOf(cells) } } }, REST), true);
  assert.deepEqual(outputs[2], { output_type: "display_data", data: REST.data, metadata: REST.metadata });
  assert.deepEqual(outputs[1], view("m1"));
});

test("where no notebook is known, or none has the view, nothing happens", () => {
  const cells = listOf([{ outputs: listOf([view("m1")]) }]);
  for (const manager of [undefined, null, {}, { context: {} }, { context: { model: {} } }, { context: { model: { cells } } }]) {
    assert.equal(putToRest(manager, REST), false);
  }
});
