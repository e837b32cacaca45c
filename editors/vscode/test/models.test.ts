import assert from "node:assert/strict";
import { test } from "node:test";
import { modelAt, said } from "../src/models";

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

test("what running a model gave is said in a sentence, the bad news first", () => {
  const models = [
    { name: "Stem", status: "agrees" },
    { name: "Net", status: "failed", error: "RuntimeError: expected 32 channels\nmore", reason: null },
  ];
  const verdict = said({ summary: "2 models run (1 failed)\ntorch 2.13.0", report: { models } });
  assert.equal(verdict.message, "Net failed: RuntimeError: expected 32 channels");
  assert.deepEqual(verdict.lines.slice(0, 3), ["Stem agrees", verdict.message, "2 models run (1 failed)"]);
  assert.equal(verdict.good, false);
});

test("good news and errors are said as they are", () => {
  const fine = said({ summary: "1 model run, 4 of 4 values equal\ntorch", report: { models: [{ name: "Net", status: "agrees" }] } });
  assert.deepEqual([fine.message, fine.good], ["1 model run, 4 of 4 values equal", true]);
  assert.deepEqual(said({ error: "only files on disk can be run" }).message, "only files on disk can be run");
});
