import assert from "node:assert/strict";
import test from "node:test";
import { isOneLife, merge } from "../../app/reader/static/tabs.js";

test("Tabs share a stream from the newest cursor, in HTML if one of them needs it.", () => {
  const base = /** @type {const} */ ({ slug: "fire", silence: 40, format: "json", after: "e-9" });
  const requests = [
    base,
    { ...base, silence: 20, after: "e-12" },
    { ...base, silence: 30, after: "e-10", format: /** @type {const} */ ("html") },
    { ...base, slug: "vote", after: undefined },
  ];
  assert.deepEqual([...merge(requests).values()], [
    { slug: "fire", silence: 20, format: "html", after: "e-12" },
    { slug: "vote", silence: 40, format: "json", after: undefined },
  ]);
});

test("Cursors match if their epochs are equal; 0 and undefined match any.", () => {
  assert.ok(isOneLife("a-1", "a-2"));
  assert.ok(!isOneLife("a-1", "b-1"));
  assert.ok(isOneLife("0", "b-1"));
  assert.ok(isOneLife("a-1", "0"));
  assert.ok(isOneLife(undefined, "b-1"));
  assert.ok(isOneLife("a-1", undefined));
});
