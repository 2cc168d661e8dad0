import assert from "node:assert/strict";
import test from "node:test";
import { Journal, seqOf } from "../../app/reader/static/journal.js";

/**
 * @param {number} seq
 * @returns {import("../../app/reader/static/journal.js").JournalEvent}
 */
const event = (seq) => {
  const at = "2026-01-01T00:00:00.000Z";
  return { cursor: `e1-${seq}`, seq, type: "entry.published", coverage: "fire", at };
};

test("A journal delivers each event once and in order, and none after a gap.", () => {
  /** @type {number[]} */
  const seqs = [];
  const onEvent = (/** @type {{seq: number}} */ { seq }) => seqs.push(seq);
  const journal = new Journal("fire", { origin: "https://live.example", after: "e1-3", onEvent });
  assert.deepEqual([3, 4, 6, 4, 5, 6].map((seq) => journal.give(event(seq))), [
    true,
    true,
    false,
    true,
    true,
    true,
  ]);
  assert.deepEqual(seqs, [4, 5, 6]);
  assert.equal(journal.cursor, "e1-6");
});

test("A closed journal delivers nothing, and reports each state once.", () => {
  /** @type {unknown[]} */
  const reports = [];
  const report = (/** @type {unknown} */ each) => reports.push(each);
  const options = { origin: "https://live.example", after: "0", onEvent: report, onState: report };
  const journal = new Journal("fire", options);
  for (const state of /** @type {const} */ (["live", "live", "closed", "live"])) {
    journal.tell(state);
  }
  journal.give(event(1));
  assert.deepEqual(reports, ["live", "closed"]);
});

test("A cursor's seq is the number after its last hyphen.", () => {
  assert.deepEqual(["e1-7", "a-b-12", "0"].map(seqOf), [7, 12, 0]);
});
