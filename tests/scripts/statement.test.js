import assert from "node:assert/strict";
import test from "node:test";
import {
  claimMember,
  claimOf,
  figureMember,
  figureOf,
  valueOf,
} from "../../app/desk/static/desk/statement.js";
import { seriesOf } from "../../app/desk/static/desk/known_statements.js";

/** @typedef {import("../../app/desk/static/desk/statement.js").ApiClaim} ApiClaim */
/** @typedef {import("../../app/desk/static/desk/statement.js").ApiFigure} ApiFigure */

/** @type {ApiClaim} */
const CLAIM = {
  id: "5f0c",
  source: { name: "The army", url: null },
  text: null,
  status: "disputed",
  note: "The other army denies it.",
};
/** @type {ApiFigure} */
const FIGURE = {
  metric: "killed",
  group: null,
  low: 11,
  high: 13,
  about: true,
  text: null,
  source: { name: "A centre", url: "https://a.example" },
  as_of: "2020-09-27",
  status: "reported",
  note: null,
};

test("A value is shown as it can be typed.", () => {
  const bounds = { low: null, high: null, about: false, text: null };
  assert.equal(valueOf({ ...bounds, low: 107, high: 107 }), "107");
  assert.equal(valueOf({ ...bounds, low: 150 }), ">150");
  assert.equal(valueOf({ ...bounds, high: 20, about: true }), "~<20");
  assert.equal(valueOf({ ...bounds, low: 11, high: 13 }), "11–13");
  assert.equal(valueOf({ ...bounds, text: "dozens" }), "dozens");
  assert.equal(valueOf(bounds), "?");
});

test("A claim that is not assessed here is sent with its id, and without its assessment.", () => {
  const kept = { id: "5f0c", source: "The Army", text: null };
  assert.deepEqual(claimMember({ ...claimOf(CLAIM), source: "The Army" }), kept);
  const assessed = claimMember({ ...claimOf(CLAIM), status: "false" });
  assert.deepEqual([assessed.status, assessed.note], ["false", "The other army denies it."]);
});

test("A figure whose value was not typed anew is sent by its bounds.", () => {
  assert.deepEqual(figureMember(figureOf(FIGURE)), FIGURE);
  const typed = figureMember({ ...figureOf(FIGURE), value: "112", url: "" });
  const { low: _low, high: _high, about: _about, text: _text, ...rest } = FIGURE;
  assert.deepEqual(typed, { ...rest, value: "112", source: "A centre" });
});

test("The series of a ledger are offered with their values, the newest first.", () => {
  const line = (/** @type {number} */ hour) => ({ ...FIGURE, published_at: `2020-10-03T0${hour}` });
  const groups = [
    { metric: "killed", group: null, sources: [line(1), line(3)] },
    { metric: "injured", group: "civilians", sources: [line(2)] },
  ];
  const series = seriesOf(groups);
  assert.deepEqual(series.map(({ at }) => at.slice(-1)), ["3", "2", "1"]);
  assert.deepEqual(series[1], {
    metric: "injured",
    group: "civilians",
    source: "A centre",
    url: "https://a.example",
    value: "~11–13",
    at: "2020-10-03T02",
  });
});
