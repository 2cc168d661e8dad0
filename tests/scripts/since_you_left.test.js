import assert from "node:assert/strict";
import test from "node:test";
import { fold } from "../../app/reader/static/since_you_left.js";

/**
 * @param {string} type
 * @param {number} seq - The entry's, also used as its id.
 * @param {object} [more]
 */
function event(type, seq, more) {
  const entry = { id: `${seq}`, seq, key_event: false, retraction: null, ...more };
  return /** @type {any} */ ({ type: `entry.${type}`, entry });
}

/** @param {object[]} events */
const summary = (...events) =>
  fold(/** @type {any} */ (events)).map(({ kind, entry }) => [kind, entry.id]);

test("An entry published and corrected since counts as new; an older one as corrected.", () => {
  assert.deepEqual(summary(event("published", 5), event("corrected", 5), event("corrected", 2)), [
    ["published", "5"],
    ["corrected", "2"],
  ]);
});

test("A retraction is listed even if the entry is new, since readers may know it from a feed.", () => {
  const retraction = { note: "It was not so." };
  assert.deepEqual(
    summary(
      event("published", 5, { retraction }),
      event("retracted", 5, { retraction }),
      event("corrected", 2, { retraction }),
      event("retracted", 2, { retraction }),
    ),
    [["retracted", "5"], ["retracted", "2"]],
  );
});

test("An entry that is retracted between two pages of the journal is not listed as new.", () => {
  const retraction = { note: "It was not so." };
  assert.deepEqual(summary(event("published", 5), event("retracted", 5, { retraction })), []);
});

test("Key events come first, then the newest; amendments and pins are not listed.", () => {
  assert.deepEqual(
    summary(
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

test("An event of an unknown type tells nothing, but an entry's newest state is the one told.", () => {
  const [news] = fold(
    /** @type {any} */ ([
      event("corrected", 2, { title: "Before" }),
      event("assessed", 2, { title: "After" }),
      { ...event("corrected", 3), type: "claim.corrected" },
      { type: "figures.changed", html: "<p>" },
    ]),
  );
  assert.deepEqual([news.kind, news.entry.title], ["corrected", "After"]);
});
