import assert from "node:assert/strict";
import test from "node:test";
import { inWords, now, setClock } from "../../app/reader/static/clock.js";

test("The clock is NaN until the server's time is known, and is never set back.", () => {
  assert.ok(Number.isNaN(now()));
  setClock(NaN);
  assert.ok(Number.isNaN(now()));
  setClock(2_000_000);
  assert.ok(now() >= 2_000_000);
  setClock(1_000_000);
  assert.ok(now() >= 2_000_000);
  setClock(3_000_000);
  assert.ok(now() >= 3_000_000);
});

const ENGLISH = new Map(Object.entries({
  second: "just now",
  minute: "# min ago",
  hour: "# hr ago",
  day: "# days ago",
  "day-one": "# day ago",
  plurals: "other one other",
}));
const inEnglish = (/** @type {string} */ name) => ENGLISH.get(name) ?? null;

test("An age is formatted in its largest unit, and is empty from a week on.", () => {
  const ages = [0, 59_999, 60_000, 3_599_999, 3_600_000, 86_400_000, 6 * 86_400_000];
  const words = ["just now", "just now", "1 min ago", "59 min ago", "1 hr ago", "1 day ago"];
  assert.deepEqual(ages.map((age) => inWords(age, inEnglish)), [...words, "6 days ago"]);
  assert.equal(inWords(7 * 86_400_000, inEnglish), "");
  assert.equal(inWords(NaN, inEnglish), "");
  assert.equal(inWords(0, () => null), "");
});
