import assert from "node:assert/strict";
import test from "node:test";
import { group } from "../../app/reader/static/since_you_left.js";

/**
 * @param {string} kind
 * @param {string} id
 * @param {...string} statuses - What was assessed.
 */
function change(kind, id, ...statuses) {
  return { kind, entry_id: id, assessed: statuses.map((status) => ({ status })) };
}

/**
 * @param {number} published - How many there are in all.
 * @param {object[]} changes
 */
const summary = (published, ...changes) =>
  group(/** @type {any} */ ({ counts: { published }, changes })).map(
    ({ kind, named, count }) => [kind, named.map(({ entry_id: id }) => id).join(" "), count],
  );

test("Every retraction, correction, contested statement and outdated translation is named, in this order.", () => {
  const many = Array.from({ length: 30 }, (_, number) => change("retracted", `r${number}`));
  const told = summary(
    0,
    ...many,
    change("corrected", "c1"),
    change("assessed", "a1", "confirmed", "false"),
    change("assessed", "a2", "disputed"),
    change("outdated", "o1"),
  );
  assert.deepEqual(told.map(([kind, , count]) => [kind, count]), [
    ["retracted", 30],
    ["corrected", 1],
    ["contested", 2],
    ["outdated", 1],
  ]);
  assert.equal(told[0]?.[1], many.map(({ entry_id: id }) => id).join(" "));
});

test("Of the new entries the first five are named, and all are counted.", () => {
  const found = Array.from({ length: 7 }, (_, number) => change("published", `${number}`));
  assert.deepEqual(summary(400, ...found), [["published", "0 1 2 3 4", 400]]);
});

test("Amendments and confirmations are not listed.", () => {
  const quiet = [change("amended", "1"), change("assessed", "2", "confirmed")];
  assert.deepEqual(summary(0, ...quiet), []);
});
