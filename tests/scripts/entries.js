/** Sample entries and texts of the desk's tests. */

import { blankOf } from "../../app/desk/static/desk/fields.js";

export const blank = blankOf(["Nino"], "en");

/** @typedef {import("../../app/desk/static/desk/api.js").NewsroomEntry} NewsroomEntry */

/** @type {NewsroomEntry} */
export const ENTRY = {
  id: "e7",
  revision: 3,
  status: "published",
  headline: "Smoke over pier 4",
  body: { html: "<p>It burns.</p>", markdown: "It burns." },
  kind: "update",
  key_event: false,
  pinned: false,
  bylines: [{ name: "Nino" }],
  tags: ["harbour"],
  place: { name: "Pier 4", lat: 53.5, lon: 9.9 },
  language: "en",
  media: [],
  claims: [],
  figures: [],
  translation_of: null,
  happened_at: null,
  published_at: "2026-03-01T12:00:00.000Z",
  updated_at: "2026-03-01T12:00:00.000Z",
  embargo_until: null,
  author: "p1",
  submitted_at: null,
  returned: null,
};

/**
 * @param {Partial<import("../../app/desk/static/desk/autosave.js").Text>} [text]
 * @returns {import("../../app/desk/static/desk/autosave.js").Text}
 */
export function newText(text) {
  const known = { values: blank, saved: null, entry: null, pending: null };
  return { id: "t1", mode: "new", coverage: "fire", caller: "p1", ...known, ...text };
}
