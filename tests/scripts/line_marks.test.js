import assert from "node:assert/strict";
import test from "node:test";
import { nextLine } from "../../app/desk/static/desk/line_marks.js";

test("Enter goes on with lists and quotations, and counts.", () => {
  for (
    const [before, text] of [
      ["- a", "\n- "],
      ["x\n\n  * a", "\n  * "],
      ["1. a", "\n2. "],
      ["9) a", "\n10) "],
      ["• a", "\n• "],
      ["> a", "\n> "],
    ]
  ) assert.deepEqual(nextLine(before), { remove: 0, text });
});

test("Enter in an empty item ends the list.", () => {
  assert.deepEqual(nextLine("- a\n- "), { remove: 2, text: "\n" });
  assert.deepEqual(nextLine("1. a\n2. "), { remove: 3, text: "\n" });
  assert.deepEqual(nextLine("> a\n> "), { remove: 2, text: "\n" });
});

test("Enter in other text ends a line.", () => {
  for (const before of ["", "a", "-a", "2026 - b", "> 5,000 came", "- a\n"]) {
    assert.equal(nextLine(before), null);
  }
});
