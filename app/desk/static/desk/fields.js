/**
 * What stands in the composer's fields, what of it the API is told, and its words as text.
 */

import { Chips } from "./chips.js";
import { sourceOf } from "./entry_text.js";
import { TimeField } from "./time_field.js";
import { claimMember, claimOf, figureMember, figureOf } from "./statement.js";
import { clock } from "./zoned_time.js";

const TEXTS = ["headline", "body", "format", "kind", "place", "lat", "lon", "language", "note"];
const TIMES = ["happened_at", "embargo"];
const CHECKS = ["key_event", "pin"];

/**
 * The fields as they stand: all texts, but for the checks, the lists and the media.
 *
 * @typedef {object} Values
 * @property {string} headline
 * @property {string} body
 * @property {string} format - `markdown` or `html`.
 * @property {string} kind
 * @property {string} place
 * @property {string} lat
 * @property {string} lon
 * @property {string} language
 * @property {string} note
 * @property {string} happened_at
 * @property {string} embargo
 * @property {boolean} key_event
 * @property {boolean} pin
 * @property {string[]} bylines
 * @property {string[]} tags
 * @property {import("./media_field.js").MediaItem[]} media
 * @property {import("./statement.js").Claim[]} claims
 * @property {import("./statement.js").Figure[]} figures
 * @property {Original | null} translation
 *
 * What an entry translates.
 * @typedef {Pick<import("./api.js").Translation, "coverage" | "entry_id" | "revision">} Original
 *
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 */

/**
 * How the API's members come out of the fields.
 *
 * @type {Record<string, (values: Values) => unknown>}
 */
const MEMBERS = {
  headline: ({ headline }) => headline.trim() || null,
  body: ({ body, format }) => {
    if (!body.trim()) return null;
    return format === "html" ? { html: body } : body;
  },
  kind: ({ kind }) => kind,
  key_event: (values) => values.key_event,
  bylines: ({ bylines }) => bylines,
  tags: ({ tags }) => tags,
  place: ({ place, lat, lon }) => {
    if (!place && !lat && !lon) return null;
    return lat || lon ? { name: place, lat: degrees(lat), lon: degrees(lon) } : { name: place };
  },
  happened_at: ({ happened_at: at }) => at,
  media: ({ media }) => media.filter(({ id }) => id).map(({ id }) => id),
  language: ({ language }) => language,
  claims: ({ claims }) => claims.map(claimMember),
  figures: ({ figures }) => figures.map(figureMember),
  translation_of: ({ translation }) => translation,
};

/** @param {string} typed */
function degrees(typed) {
  return typed === "" ? null : Number(typed);
}

/** Says `filled` on its form when the fields get other values. */
export class Fields {
  /** @type {import("./statement.js").Claim[]} */
  claims = []; // replaced as a whole: texts that are kept share it
  /** @type {import("./statement.js").Figure[]} */
  figures = [];
  /** @type {Original | null} */
  translation = null;

  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} root
   * @param {import("./media_field.js").MediaField} media
   * @param {import("./messages.js").Words} words
   */
  constructor(form, root, media, words) {
    this.form = form;
    this.media = media;
    this.bylines = new Chips(form.querySelector(".bylines"), root);
    this.tags = new Chips(form.querySelector(".tagged"), root);
    this.times = TIMES.flatMap((name) => this.#find(name) ?? []).map((input) => {
      return new TimeField(input, form.dataset.zone ?? "UTC", words);
    });
  }

  /** What an entry that nobody has begun looks like. */
  get blank() {
    const { bylines = "[]", language = "" } = this.form.dataset;
    return blankOf(JSON.parse(bylines), language);
  }

  /**
   * A field by its name; null for one that not everybody has.
   *
   * @param {string} name
   */
  #find(name) {
    return /** @type {HTMLInputElement | null} */ (this.form.elements.namedItem(name));
  }

  get values() {
    /** @type {Record<string, unknown>} */
    const values = { embargo: "" };
    for (const name of TEXTS) values[name] = this.#find(name)?.value ?? "";
    for (const { input, value } of this.times) values[input.name] = value;
    for (const name of CHECKS) values[name] = this.#find(name)?.checked ?? false;
    values.bylines = this.bylines.value;
    values.tags = this.tags.value;
    values.media = this.media.value;
    values.claims = this.claims;
    values.figures = this.figures;
    values.translation = this.translation;
    return /** @type {Values} */ (/** @type {unknown} */ (values));
  }

  set values(values) {
    const known = /** @type {Record<string, any>} */ (values);
    for (const name of [...TEXTS, ...CHECKS]) {
      const field = this.#find(name);
      if (field && CHECKS.includes(name)) field.checked = known[name];
      else if (field) field.value = known[name];
    }
    for (const time of this.times) time.value = known[time.input.name];
    this.bylines.value = values.bylines;
    this.tags.value = values.tags;
    this.media.value = values.media;
    this.claims = values.claims;
    this.figures = values.figures;
    this.translation = values.translation;
    this.form.dispatchEvent(new Event("filled"));
  }
}

/**
 * The fields of an entry that nobody has begun.
 *
 * @param {string[]} bylines
 * @param {string} language
 * @returns {Values}
 */
export function blankOf(bylines, language) {
  const none = Object.fromEntries([...TEXTS, ...TIMES].map((field) => [field, ""]));
  const checks = Object.fromEntries(CHECKS.map((field) => [field, false]));
  const lists = { bylines, tags: [], media: [], claims: [], figures: [] };
  const rest = { ...lists, format: "markdown", kind: "update", language, translation: null };
  /** @type {any} */
  const values = { ...none, ...checks, ...rest };
  return values;
}

/**
 * The fields of an entry that there is.
 *
 * @param {NewsroomEntry} entry
 * @returns {Values}
 */
export function valuesOf(entry) {
  return {
    headline: entry.headline ?? "",
    ...sourceOf(entry),
    kind: entry.kind,
    key_event: entry.key_event,
    bylines: entry.bylines.map(({ name }) => name),
    tags: entry.tags,
    place: entry.place?.name ?? "",
    lat: String(entry.place?.lat ?? ""),
    lon: String(entry.place?.lon ?? ""),
    happened_at: entry.happened_at ?? "",
    language: entry.language,
    media: entry.media.map((media) => ({ ...media, known: wordsOf(media) })),
    claims: entry.claims.map(claimOf),
    figures: entry.figures.map(figureOf),
    translation: originalOf(entry),
    embargo: entry.embargo_until ?? "",
    pin: entry.pinned,
    note: "",
  };
}

/** @param {NewsroomEntry} entry */
function originalOf({ translation_of: of }) {
  return of && { coverage: of.coverage, entry_id: of.entry_id, revision: of.revision };
}

/**
 * What is said of a picture.
 *
 * @param {Partial<import("./media_field.js").MediaWords>} media
 */
export function wordsOf({ alt, caption, credit, graphic }) {
  return { alt: alt ?? "", caption: caption ?? "", credit: credit ?? "", graphic: !!graphic };
}

/**
 * The members that differ between two states of the fields, as the newer one has them.
 *
 * @param {Values} older
 * @param {Values} newer
 */
export function changesOf(older, newer) {
  /** @type {Record<string, unknown>} */
  const changes = {};
  const said = (/** @type {Values} */ { media }) => {
    return JSON.stringify(media.map((each) => [each.id, wordsOf(each)]));
  };
  for (const [name, member] of Object.entries(MEMBERS)) {
    const [was, is] = [older, newer].map((values) => member(values) || null);
    const differs = name === "media" && said(older) !== said(newer);
    if (differs || JSON.stringify(was) !== JSON.stringify(is)) changes[name] = member(newer);
    if (changes[name] === "") changes[name] = null;
  }
  return changes;
}

/**
 * The fields of a state that are not as they were in an older one.
 *
 * @param {Partial<Values>} older
 * @param {Values} newer
 * @returns {Partial<Values>}
 */
export function differences(older, newer) {
  const known = new Map(Object.entries(older));
  const differs = (/** @type {[string, unknown]} */ [name, value]) => {
    return JSON.stringify(known.get(name)) !== JSON.stringify(value);
  };
  return Object.fromEntries(Object.entries(newer).filter(differs));
}

/**
 * Whether there is anything to keep: a language, and maybe a byline, are there before anybody begins, and a
 * source alone says nothing.
 *
 * @param {Values} values
 */
export function isEmpty({ headline, body, media, figures }) {
  return !headline.trim() && !body.trim() && !media.length && !figures.length;
}

/**
 * Makes a field as high as its text, where style sheets cannot do that.
 *
 * @param {HTMLElement} field
 */
export function grow(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.blockSize = "auto";
  field.style.blockSize = `${field.scrollHeight + 2}px`;
}

/**
 * Shows what belongs to a text's mode (`data-modes`) and hides the rest; says which it is: something
 * new, a draft, or a change of what is public.
 *
 * @param {HTMLFormElement} form
 * @param {import("./autosave.js").Text} text
 * @param {import("./messages.js").Words} words
 */
export function showMode(form, { mode, entry }, words) {
  for (const each of form.querySelectorAll("[data-modes]")) {
    each.hidden = !(each.dataset.modes ?? "").split(" ").includes(mode);
  }
  form.dataset.mode = mode;
  const time = entry?.at && clock(entry.at, form.dataset.zone ?? "UTC");
  form.querySelector(".title").textContent = words(`title-${mode}`, { time });
}
