import assert from "node:assert/strict";
import test from "node:test";
import { placeholdersIn } from "../../app/desk/static/desk/placeholders.js";

/** @param {string} text */
const found = (text) => placeholdersIn(text).map(({ start, end }) => text.slice(start, end));

test("Placeholders are words in braces, in any script.", () => {
  assert.deepEqual(found("**{home team}** {голы}:{գոլեր} {العدد}"), [
    "{home team}",
    "{голы}",
    "{գոլեր}",
    "{العدد}",
  ]);
});

test("Braces of code, empty ones and those over several lines are none.", () => {
  assert.deepEqual(found('{} { } {1,2} {{name}} {two\nlines} {"a": 1} {open'), []);
});
