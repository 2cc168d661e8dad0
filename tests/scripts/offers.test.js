import assert from "node:assert/strict";
import test from "node:test";
import { distinct, matching } from "../../app/desk/static/desk/offers.js";

const labels = [
  "killed · Azerbaijani soldiers · Armenian Defence Ministry",
  "killed · Armenian soldiers · Armenian Defence Ministry",
  "injured · civilians · Président Aliyev",
];
const offers = labels.map((label, value) => ({ label, value }));
const found = (/** @type {string} */ typed) => matching(typed, offers).map(({ value }) => value);

test("Each word that is typed begins a word of the offer, in any order.", () => {
  assert.deepEqual(found("arm kil"), [1, 0]);
  assert.deepEqual(found("civ presid"), [2]);
  assert.deepEqual(found("rmenian"), []);
});

test("Offers whose matching words come first are first; equal ones keep their order.", () => {
  assert.deepEqual(found("arm"), [1, 0]);
  assert.deepEqual(found(""), [0, 1, 2]);
  assert.deepEqual(found("k"), [0, 1]);
});

test("Case, accents and signs are not compared, in any script.", () => {
  assert.deepEqual(found("PRÉSIDENT"), [2]);
  const other = [{ label: "Министерство обороны", value: 7 }, { label: "وِزارة الدفاع", value: 8 }];
  assert.deepEqual(matching("обор", other), [other[0]]);
  assert.deepEqual(matching("وزارة", other), [other[1]]);
});

test("An offer that is typed whole comes before one that goes on.", () => {
  const groups = ["civilians of both sides", "civilians"].map((label) => ({ label, value: label }));
  assert.equal(matching("civilians", groups)[0].label, "civilians");
});

test("Names that differ in case and white space alone are one.", () => {
  assert.deepEqual(distinct(["The  army", "the army", "", "A witness"]), [
    "The  army",
    "A witness",
  ]);
});
