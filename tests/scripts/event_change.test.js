import assert from "node:assert/strict";
import test from "node:test";
import { changeOf } from "../../app/reader/static/event_change.js";

const entry = { id: "e7" };
const details = { slug: "fire" };

/** @param {object} event */
const change = (event) => changeOf(/** @type {any} */ (event));

test("An event of any entry type changes its entry, whether the type is known or not.", () => {
  assert.deepEqual(change({ type: "entry.corrected", entry }), { kind: "corrected", entry });
  assert.deepEqual(change({ type: "entry.assessed", entry, x: 1 }), { kind: "assessed", entry });
});

test("Only an event of a coverage type changes the coverage.", () => {
  assert.deepEqual(change({ type: "coverage.moved", details }), { kind: "moved", details });
  assert.equal(change({ type: "entry.moved", details }).details, undefined);
});

test("An event of another family changes nothing, whatever it carries.", () => {
  for (const type of ["figures.changed", "entries.published", "discoverage.opened", ""]) {
    const changed = change({ type, entry, details, html: "<p>" });
    assert.deepEqual([changed.entry, changed.details], [undefined, undefined], type);
  }
});
