import assert from "node:assert/strict";
import test from "node:test";
import { readWords } from "../../app/desk/static/desk/messages.js";

Object.assign(globalThis, {
  document: { documentElement: { dataset: { plurals: "other one other" } } },
});

const PAGE = [
  { dataset: { word: "saved" }, textContent: "\n  Saved {time} \n" },
  { dataset: { word: "left", category: "one" }, textContent: "One is left." },
  { dataset: { word: "left", category: "other" }, textContent: "{num} are left." },
];
const root = { querySelector: () => ({ content: { querySelectorAll: () => PAGE } }) };

test("A message stands in the page, with values in the place of its placeholders.", () => {
  const words = readWords(/** @type {any} */ (root));
  assert.equal(words("saved", { time: "09:15" }), "Saved 09:15");
  assert.equal(words("saved"), "Saved ");
});

test("A message that counts has the form of the number's plural category.", () => {
  const words = readWords(/** @type {any} */ (root));
  assert.equal(words("left", { num: 1 }), "One is left.");
  assert.equal(words("left", { num: 0 }), "0 are left.");
  assert.equal(words("left", { num: 21 }), "21 are left.");
});

test("A message that the page does not have is empty.", () => {
  assert.equal(readWords(/** @type {any} */ (root))("none"), "");
});
