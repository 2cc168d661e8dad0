import assert from "node:assert/strict";
import test from "node:test";
import { compare, joinStatements } from "../../app/desk/static/desk/diff.js";

/** Reproducible pseudo-random integers from 0 to below `limit`. */
function random(seed = 1) {
  return (/** @type {number} */ limit) => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
}

/**
 * Returns the parts of all steps except those of one kind.
 *
 * @param {ReturnType<typeof compare>} steps
 * @param {string} kind
 */
const without = (steps, kind) => steps.flatMap((step) => step.kind === kind ? [] : step.parts);

test("The old text is the same and the removed parts; the new one is the same and the added parts.", () => {
  const next = random();
  for (let round = 0; round < 2_000; round += 1) {
    const [old, fresh] = [next(12), next(12)].map((length) =>
      Array.from({ length }, () => "abcd"[next(4)])
    );
    const steps = compare(old, fresh);
    assert.deepEqual(without(steps, "fresh"), old);
    assert.deepEqual(without(steps, "old"), fresh);
    assert.ok(steps.every((step, at) => step.parts.length && step.kind !== steps[at + 1]?.kind));
  }
});

test("The common part is as long as possible, also between two changes.", () => {
  assert.deepEqual(compare([..."a man of 30"], [..."a woman of 31"]), [
    { kind: "same", parts: ["a", " "] },
    { kind: "fresh", parts: ["w", "o"] },
    { kind: "same", parts: [..."man of 3"] },
    { kind: "old", parts: ["0"] },
    { kind: "fresh", parts: ["1"] },
  ]);
  assert.deepEqual(compare(["a"], ["a"]), [{ kind: "same", parts: ["a"] }]);
  assert.deepEqual(compare([], []), []);
});

test("Texts too long to compare word by word differ as a whole between common start and end.", () => {
  const old = ["same", ...Array.from({ length: 2_100 }, (_, at) => `old ${at}`), "end"];
  const fresh = ["same", ...Array.from({ length: 2_100 }, (_, at) => `new ${at}`), "end"];
  assert.deepEqual(compare(old, fresh).map(({ kind, parts }) => [kind, parts.length]), [
    ["same", 1],
    ["old", 2_100],
    ["fresh", 2_100],
    ["same", 1],
  ]);
});

test("Two changes of sources and figures are merged to all of both, each once and theirs first.", () => {
  const reported = { url: "", status: /** @type {const} */ ("reported"), note: "" };
  const claim = (/** @type {string} */ source, id = "") => ({ id, source, text: "", ...reported });
  const figure = (/** @type {string} */ value) => {
    return { metric: "killed", group: "", source: "The army", as_of: "", value, ...reported };
  };
  const theirs = { claims: [claim("The Army", "c1")], figures: [figure("107"), figure("19")] };
  const mine = {
    claims: [claim("the army", "c1"), claim("A witness")],
    figures: [figure("107"), figure("dozens")],
  };
  const joined = joinStatements(theirs, mine);
  assert.deepEqual(joined.claims.map(({ source }) => source), ["The Army", "A witness"]);
  assert.deepEqual(joined.figures.map(({ value }) => value), ["107", "19", "dozens"]);
});
