import assert from "node:assert/strict";
import test from "node:test";
import { categoryOf } from "../../app/reader/static/plural.js";

test("A number has its category in the table, and from 200 on that of the second hundred.", () => {
  const names = [
    "zero",
    "one",
    "two",
    ...Array(97).fill("few"),
    "other",
    ...Array(98).fill("many"),
  ];
  const found = [0, 1, 2, 3, 100, 101, 199, 200, 201, 1_099].map((number) =>
    categoryOf(number, [...names, "few"].join(" "))
  );
  const [zero, one, two, few, other, many] = ["zero", "one", "two", "few", "other", "many"];
  assert.deepEqual(found, [zero, one, two, few, other, many, few, other, many, few]);
});

test("The last category is that of all numbers that the table leaves out.", () => {
  const found = [0, 1, 2, 3, 21, 200, 1_001].map((number) => categoryOf(number, "few one many"));
  assert.deepEqual(found, ["few", "one", ...Array(5).fill("many")]);
});

test("Without a table every number has the category that each language has.", () => {
  assert.equal(categoryOf(1), "other");
});
