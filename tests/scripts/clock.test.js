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

test("An age is formatted in its largest unit, and is empty from a week on.", () => {
  const ages = [0, 59_999, 60_000, 3_599_999, 3_600_000, 86_400_000, 6 * 86_400_000];
  const words = ["now", "now", "1 min. ago", "59 min. ago", "1 hr. ago", "yesterday", "6 days ago"];
  assert.deepEqual(ages.map((age) => inWords(age, "en")), words);
  assert.equal(inWords(7 * 86_400_000, "en"), "");
  assert.equal(inWords(NaN, "en"), "");
});
