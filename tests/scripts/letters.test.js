import assert from "node:assert/strict";
import test from "node:test";
import { Refusal } from "../../app/desk/static/desk/api.js";
import { valuesOf } from "../../app/desk/static/desk/fields.js";
import {
  addressed,
  findObstacle,
  isPassing,
  stepsOf,
  titleOf,
  traceOf,
} from "../../app/desk/static/desk/letters.js";
import { blank, ENTRY, newText } from "./entries.js";

const typed = { ...blank, body: "It burns." };
const ONE = "/v1/coverages/fire/entries/{id}";

/**
 * Returns the requests of a text, without their keys.
 *
 * @param {Partial<import("../../app/desk/static/desk/autosave.js").Text>} text
 * @param {import("../../app/desk/static/desk/letters.js").Purpose} purpose
 */
function steps(text, purpose) {
  return stepsOf(newText(text), purpose, blank).map((
    { method, path, json },
  ) => [method, path, json]);
}

const own = { bylines: ["Nino"], language: "en" };

test("A new entry is published by one request and pinned by another.", () => {
  const post = ["POST", "/v1/coverages/fire/entries", { body: "It burns.", ...own }];
  assert.deepEqual(steps({ values: typed }, "publish"), [post]);
  assert.deepEqual(steps({ values: { ...typed, pin: true } }, "publish"), [
    post,
    ["PUT", `${ONE}/pin`, undefined],
  ]);
});

test("A new draft is saved as a draft, and submitted after it is saved.", () => {
  const post = ["POST", "/v1/coverages/fire/entries", { body: "It burns.", ...own, draft: true }];
  assert.deepEqual(steps({ values: typed }, "save"), [post]);
  assert.deepEqual(steps({ values: typed }, "submit"), [
    post,
    ["PUT", "/v1/coverages/fire/drafts/{id}/submission", undefined],
  ]);
});

test("A changed draft is first saved as a draft, then published.", () => {
  const draft = traceOf({ ...ENTRY, status: "draft" });
  const saved = { ...typed, headline: "Smoke" };
  assert.deepEqual(steps({ values: typed, saved, entry: draft, mode: "draft" }, "publish"), [
    ["PATCH", ONE, { headline: null, draft: true }],
    ["POST", `${ONE}/publication`, undefined],
  ]);
});

test("A request without a known response is repeated first, unchanged.", () => {
  const pending = { method: "POST", path: "/v1/coverages/fire/entries", key: "k1", values: typed };
  const text = newText({ values: { ...typed, headline: "Smoke" }, pending });
  const [first, ...rest] = stepsOf(text, "publish", blank);
  assert.equal(first, pending);
  assert.deepEqual(rest.map(({ method, json }) => [method, json]), [
    ["PATCH", { headline: "Smoke", draft: true }],
    ["POST", undefined],
  ]);
});

test("A correction has its note and the fields that differ.", () => {
  const saved = valuesOf(ENTRY);
  const values = { ...saved, headline: "Smoke over pier 5", note: "It was pier 5." };
  assert.deepEqual(steps({ values, saved, entry: traceOf(ENTRY), mode: "correct" }, "correct"), [
    ["POST", `${ONE}/correction`, { headline: "Smoke over pier 5", note: "It was pier 5." }],
  ]);
});

test("An unchanged embargo is not sent again.", () => {
  const embargo = "2026-03-01T12:00:00.000Z";
  const entry = traceOf({ ...ENTRY, status: "scheduled", embargo_until: embargo });
  const saved = { ...typed, embargo };
  assert.deepEqual(steps({ values: saved, saved, entry, mode: "draft" }, "schedule"), []);
  const later = "2026-03-01T13:00:00.000Z";
  assert.deepEqual(
    steps({ values: { ...saved, embargo: later }, saved, entry }, "schedule"),
    [
      ["PATCH", ONE, { embargo_until: later, draft: true }],
    ].map((
      [method, path, json],
    ) => [method, path, { embargo_until: /** @type {any} */ (json).embargo_until }]),
  );
});

test("Each request has a unique key, and an ETag with the revision that it changes.", () => {
  const saved = valuesOf(ENTRY);
  const text = newText({
    values: { ...saved, headline: "B", pin: true },
    saved,
    entry: traceOf(ENTRY),
  });
  const all = stepsOf(text, "publish", blank);
  assert.equal(new Set(all.map(({ key }) => key)).size, all.length);
  const { path, etag } = addressed(all[0], text.entry);
  assert.deepEqual([path, etag], ["/v1/coverages/fire/entries/e7", '"3"']);
});

test("A title is truncated between grapheme clusters.", () => {
  const family = "👨‍👩‍👧‍👦";
  assert.equal(titleOf({ ...blank, headline: family.repeat(100) }), family.repeat(79));
  assert.equal(titleOf({ ...blank, headline: " Short " }), "Short");
  assert.equal(titleOf({ ...blank, body: "From the body" }), "From the body");
});

test("Only temporary failures are retried.", () => {
  const refusal = (/** @type {number} */ status, type = "/problems/x") =>
    new Refusal(status, { type });
  assert.deepEqual(
    [500, 503, 429, 408].map((status) => isPassing(refusal(status))),
    Array(4).fill(true),
  );
  assert.deepEqual(
    [401, 403, 409, 412, 422].map((status) => isPassing(refusal(status))),
    Array(5).fill(false),
  );
  assert.ok(isPassing(refusal(409, "/problems/request-in-progress")));
  assert.ok(isPassing(new TypeError("offline")));
});

test("The first obstacle to sending a text is reported, with its field.", () => {
  const idle = { isBusy: false, isUnsaid: false };
  assert.deepEqual(findObstacle(newText(), "publish", idle), ["nothing", "body"]);
  const text = newText({ values: typed });
  assert.deepEqual(findObstacle(text, "publish", { ...idle, isBusy: true }), [
    "pictures-under-way",
  ]);
  assert.deepEqual(findObstacle(text, "correct", idle), ["note-missing", "note"]);
  assert.deepEqual(findObstacle(text, "schedule", idle), ["embargo-missing", "embargo"]);
  const amended = newText({ values: typed, saved: typed, mode: "amend" });
  assert.deepEqual(findObstacle(amended, "amend", idle), ["nothing-changed", "body"]);
  assert.deepEqual(findObstacle(text, "publish", { ...idle, isUnsaid: true }), ["alt-missing"]);
  assert.equal(findObstacle(text, "publish", idle), null);
});

test("A placeholder that is left over is an obstacle once, and comes after a picture's words.", () => {
  const idle = { isBusy: false, isUnsaid: false };
  const left = newText({ values: { ...typed, headline: "{team} leads" } });
  assert.deepEqual(findObstacle(left, "publish", idle), [
    "placeholder-left",
    "headline",
    { start: 0, end: 6 },
  ]);
  assert.equal(findObstacle(left, "publish", idle, (word) => word === "placeholder-left"), null);
  const unsaid = { ...idle, isUnsaid: true };
  assert.deepEqual(findObstacle(left, "publish", unsaid), ["alt-missing"]);
  assert.deepEqual(findObstacle(left, "publish", unsaid, (word) => word === "alt-missing"), [
    "placeholder-left",
    "headline",
    { start: 0, end: 6 },
  ]);
});
