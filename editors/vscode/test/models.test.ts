import assert from "node:assert/strict";
import { test } from "node:test";
import { modelAt } from "../src/models";

const model = (name: string, first: number, last: number) => ({ name, range: { start: { line: first }, end: { line: last } } });

test("the model around the cursor is meant", () => {
  const both = [model("Encoder", 3, 10), model("Decoder", 12, 20)];
  assert.equal(modelAt(both, 12), "Decoder");
  assert.equal(modelAt(both, 11), undefined, "one of them: the user is asked");
});

test("elsewhere the only model is meant, and without one nothing is asked", () => {
  assert.equal(modelAt([model("Net", 3, 10)], 0), "Net");
  assert.equal(modelAt([], 0), "");
});
