import assert from "node:assert/strict";
import test from "node:test";
import { withoutControls } from "../../app/desk/static/desk/api.js";

test("Control characters are spaces in all texts but bodies.", () => {
  const entry = { headline: "a\vb", body: "c\vd", tags: ["e\u2028f"], note: "g\nh\x00", rest: 1 };
  assert.deepEqual(JSON.parse(JSON.stringify(entry, withoutControls)), {
    headline: "a b",
    body: "c\vd",
    tags: ["e f"],
    note: "g\nh ",
    rest: 1,
  });
});
