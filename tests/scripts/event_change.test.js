import assert from "node:assert/strict";
import test from "node:test";
import { changeOf } from "../../app/reader/static/event_change.js";

const entry = { id: "e7" };
const details = { slug: "fire" };

/** @param {object} event */
const change = (event) => changeOf(/** @type {any} */ (event));

test("An event of any entry type changes its entry, whether the type is known or not.", () => {
  for (const kind of ["corrected", "assessed"]) {
    const changed = change({ type: `entry.${kind}`, entry, claims: [] });
    assert.deepEqual(changed, { kind, entry, details: false });
  }
});

test("Only an event of a coverage type changes the coverage.", () => {
  const changed = change({ type: "coverage.moved", details });
  assert.deepEqual(changed, { kind: "moved", entry: false, details });
  assert.equal(change({ type: "entry.moved", details }).details, false);
});

test("An event of another family changes nothing, whatever it carries.", () => {
  for (const type of ["figures.changed", "entries.published", "discoverage.opened", ""]) {
    const changed = change({ type, entry, details, html: "<p>" });
    assert.deepEqual([changed.entry, changed.details], [false, false], type);
  }
});
