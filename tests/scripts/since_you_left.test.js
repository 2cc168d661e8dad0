import assert from "node:assert/strict";
import test from "node:test";
import { fold } from "../../app/reader/static/since_you_left.js";

/**
 * @param {string} type
 * @param {number} seq - Of the entry, which is its id too.
 * @param {object} [more]
 */
function event(type, seq, more) {
  const entry = { id: `${seq}`, seq, key_event: false, retraction: null, ...more };
  return /** @type {any} */ ({ type: `entry.${type}`, entry });
}

/** @param {object[]} events */
const told = (...events) =>
  fold(/** @type {any} */ (events)).map(({ kind, entry }) => [kind, entry.id]);

test("What is new and corrected since is one new entry; one that was there is a correction.", () => {
  assert.deepEqual(told(event("published", 5), event("corrected", 5), event("corrected", 2)), [
    ["published", "5"],
    ["corrected", "2"],
  ]);
});

test("Of a retracted entry the retraction is told, also where it was published since: readers may have seen it elsewhere, in a feed say.", () => {
  const retraction = { note: "It was not so." };
  assert.deepEqual(
    told(
      event("published", 5, { retraction }),
      event("retracted", 5, { retraction }),
      event("corrected", 2, { retraction }),
      event("retracted", 2, { retraction }),
    ),
    [["retracted", "5"], ["retracted", "2"]],
  );
});

test("An entry that was retracted between two pages of the journal is not told as new.", () => {
  const retraction = { note: "It was not so." };
  assert.deepEqual(told(event("published", 5), event("retracted", 5, { retraction })), []);
});

test("Key events come first, then the newest; what is amended or pinned is no news.", () => {
  assert.deepEqual(
    told(
      event("published", 5),
      event("amended", 1),
      event("published", 6, { key_event: true }),
      event("pinned", 3),
      event("published", 7),
      { type: "coverage.changed", details: {} },
    ),
    [["published", "6"], ["published", "7"], ["published", "5"]],
  );
});
