/**
 * Translations: what is outdated in an edition, and the original beside what is written.
 *
 * Loaded by the desk of an edition.
 *
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 * @typedef {import("./fields.js").Original} Original
 */

import { request } from "./api.js";
import { ask } from "./dialog.js";
import { showDifference, textsOf } from "./diff.js";

/** @param {Pick<Original, "coverage" | "entry_id">} original */
const pathOf = ({ coverage, entry_id }) => `/v1/coverages/${coverage}/entries/${entry_id}`;

/** Shows the original of what is being written, as it is now. */
export class OriginalText {
  /** @param {import("./composer.js").Composer} composer */
  constructor(composer) {
    this.composer = composer;
    this.place = composer.form.querySelector(".original");
    composer.form.addEventListener("filled", () => this.show());
    this.show();
  }

  /** Begins a translation of what `?original=COVERAGE/ENTRY` in the address names. */
  async begin() {
    const address = new URL(location.href);
    const [coverage, entry_id] = address.searchParams.get("original")?.split("/") ?? [];
    if (!entry_id) return;
    address.searchParams.delete("original");
    history.replaceState(null, "", address); // loaded again, it does not begin again
    /** @type {NewsroomEntry} */
    const entry = await request("GET", pathOf({ coverage, entry_id }));
    const { fields, form } = this.composer;
    await this.composer.clear();
    const { kind, key_event, happened_at, revision } = entry;
    const taken = { kind, key_event, happened_at: happened_at ?? "" };
    const translation = { coverage, entry_id, revision };
    fields.values = { ...fields.values, ...taken, translation };
    form.dispatchEvent(new Event("input"));
    this.composer.body.focus();
  }

  /** Shows it, if there is one. */
  async show() {
    const { translation } = this.composer.fields;
    this.place.hidden = !translation;
    const words = this.place.querySelector(".difference");
    if (!translation) return words.replaceChildren();
    const path = pathOf(translation);
    this.place.querySelector("a").href = path.slice(3);
    const entry = await request("GET", path).catch(() => null);
    if (entry && this.composer.fields.translation?.entry_id === entry.id) {
      words.lang = entry.language;
      words.textContent = textsOf(entry, entry)[1];
    }
  }
}

/** The work list: translations whose originals say something else now. */
export class Outdated {
  /**
   * @param {HTMLElement} root - The section, with a list and the pattern of an item.
   * @param {string} coverage - The edition's slug.
   */
  constructor(root, coverage) {
    this.root = root;
    this.coverage = coverage;
    this.pattern = root.querySelector("template").content.querySelector("li");
  }

  /** Reads the list anew. */
  async read() {
    const { outdated } = await request("GET", `/desk/coverages/${this.coverage}/outdated`);
    const items = outdated.map((/** @type {NewsroomEntry} */ { id, title = "", language }) => {
      const item = this.pattern.cloneNode(true);
      item.dataset.entry = id;
      item.lang = language;
      item.setAttribute("aria-label", title);
      item.querySelector(".item-title").textContent = title;
      return item;
    });
    this.root.querySelector("ul").replaceChildren(...items);
    this.root.querySelector(".count").textContent = `${items.length || ""}`;
    this.root.hidden = !items.length;
  }
}

/**
 * Shows what has changed in the original beside a translation, and asks what is to be done.
 *
 * @param {string} path - Of the edition's API.
 * @param {string} id - Of the translation.
 * @returns {Promise<{choice: string, entry: NewsroomEntry, original: Original} | null>} the choice
 *   (`same`, `amend` or `correct`), and the original as it is now; null where it was left.
 */
export async function compareTranslation(path, id) {
  /** @type {NewsroomEntry} */
  const entry = await request("GET", `${path}/entries/${id}`);
  if (!entry.translation_of) return null;
  const { coverage, entry_id, revision, outdated } = entry.translation_of;
  /** @type {{revisions: NewsroomEntry[]}} */
  const { revisions } = await request("GET", `${pathOf({ coverage, entry_id })}/revisions`);
  const fresh = revisions.at(-1);
  const old = revisions.find((each) => each.revision === revision) ?? fresh;
  const answer = await ask("ask-compare", (dialog) => {
    const place = dialog.querySelector(".original-words");
    const [was, is] = old && fresh ? textsOf(old, fresh) : ["", ""];
    showDifference(place, was, is);
    place.lang = fresh?.language ?? "";
    dialog.querySelector(".quoted").textContent = outdated?.note ?? "";
    const translation = dialog.querySelector(".translation-words");
    translation.lang = entry.language;
    translation.textContent = textsOf(entry, entry)[1];
  });
  if (!answer) return null;
  const original = { coverage, entry_id, revision: fresh?.revision ?? revision };
  return { choice: answer.choice, entry, original };
}
