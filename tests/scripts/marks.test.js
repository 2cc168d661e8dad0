import assert from "node:assert/strict";
import test from "node:test";
import { isMarked } from "../../app/desk/static/desk/marks.js";

test("Two asterisks are not a single one twice, and three are both marks.", () => {
  const marked = (/** @type {string} */ stars, /** @type {string} */ mark) =>
    isMarked(`a ${stars}`, `${stars} b`, mark, mark);
  assert.deepEqual(["", "*", "**", "***"].map((stars) => marked(stars, "*")), [
    false,
    true,
    false,
    true,
  ]);
  assert.deepEqual(["", "*", "**", "***"].map((stars) => marked(stars, "**")), [
    false,
    false,
    true,
    true,
  ]);
});

test("Tags mark a text between them, not one beside them.", () => {
  assert.ok(isMarked("a <em>", "</em> b", "<em>", "</em>"));
  assert.ok(!isMarked("a <em>", " b</em>", "<em>", "</em>"));
});
