import assert from "node:assert/strict";
import test from "node:test";
import { changesOf, differences, isEmpty, valuesOf } from "../../app/desk/static/desk/fields.js";
import { blank, ENTRY } from "./entries.js";

const values = valuesOf(ENTRY);

test("An unchanged entry has no changes.", () => {
  assert.deepEqual(changesOf(values, valuesOf(ENTRY)), {});
  assert.deepEqual(differences(values, structuredClone(values)), {});
});

test("The changes of a new entry are the fields that were filled in.", () => {
  const typed = { ...blank, body: "It burns.", tags: ["harbour"] };
  assert.deepEqual(changesOf(blank, typed), { body: "It burns.", tags: ["harbour"] });
});

test("An emptied field is null, and an emptied list is an empty list.", () => {
  const emptied = { ...values, headline: " ", body: "", place: "", lat: "", lon: "", tags: [] };
  assert.deepEqual(changesOf(values, emptied), {
    headline: null,
    body: null,
    place: null,
    tags: [],
  });
});

test("A body that was loaded as HTML is sent as HTML.", () => {
  const html = valuesOf({ ...ENTRY, body: { html: "<p>A</p>", markdown: null } });
  assert.equal(html.format, "html");
  assert.deepEqual(changesOf(html, { ...html, body: "<p>B</p>" }), { body: { html: "<p>B</p>" } });
});

test("A place without coordinates has its name only, and coordinates are numbers.", () => {
  const named = { ...values, lat: "", lon: "" };
  assert.deepEqual(changesOf(values, named), { place: { name: "Pier 4" } });
  const moved = { ...values, lat: "53.25" };
  assert.deepEqual(changesOf(values, moved), { place: { name: "Pier 4", lat: 53.25, lon: 9.9 } });
});

test("A changed text of a picture is a change of the media; a picture without an id is left out.", () => {
  const said = { alt: "Smoke", caption: "", credit: "", graphic: false };
  const picture = { id: "m1", kind: "image", url: "/m1", ...said };
  const own = { ...values, media: [picture] };
  assert.deepEqual(changesOf(own, { ...own, media: [{ ...picture, alt: "Fire" }] }), {
    media: ["m1"],
  });
  assert.deepEqual(changesOf(own, { ...own, media: [{ ...picture, graphic: true }] }), {
    media: ["m1"],
  });
  assert.deepEqual(changesOf(own, { ...own, media: [picture, { ...picture, id: null }] }), {
    media: ["m1"],
  });
  assert.deepEqual(changesOf(own, { ...own, media: [] }), { media: [] });
});

test("A text with only a byline and a language is empty.", () => {
  assert.ok(isEmpty(blank));
  assert.ok(isEmpty({ ...blank, headline: " \n" }));
  assert.ok(!isEmpty({ ...blank, body: "It burns." }));
});

test("A figure is content of its own, a source alone is not.", () => {
  const said = { source: "The army", url: "", status: /** @type {const} */ ("reported"), note: "" };
  const figure = { ...said, metric: "killed", group: "", value: "107", as_of: "" };
  assert.ok(isEmpty({ ...blank, claims: [{ ...said, text: "" }] }));
  assert.ok(!isEmpty({ ...blank, figures: [figure] }));
  const { figures } = changesOf(blank, { ...blank, figures: [figure] });
  assert.equal(/** @type {any} */ (figures)[0].value, "107");
});
