import assert from "node:assert/strict";
import test from "node:test";
import { tidy } from "../../app/desk/static/desk/paste.js";

test("What layout programs put between lines are line ends, other control characters spaces.", () => {
  assert.equal(tidy("a\vb\fc\u2028d\r\ne\x00f\tg"), "a\nb\nc\nd\ne f\tg");
});

test("Two or more lines with typed bullets are a list.", () => {
  assert.equal(tidy("Known:\n• a\n•\tb\n\n– c\n– d"), "Known:\n- a\n- b\n\n- c\n- d");
  assert.equal(tidy("– only one\nand this"), "– only one\nand this");
  assert.equal(tidy("– 5 degrees\n– 7 degrees"), "– 5 degrees\n– 7 degrees");
});
