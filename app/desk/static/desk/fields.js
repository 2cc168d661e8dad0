/**
 * What stands in the composer's fields, and what of it the API is told.
 */

import { Chips } from "./chips.js";
import { TimeField } from "./time_field.js";

const TEXTS = ["headline", "body", "format", "kind", "place", "lat", "lon", "language", "note"];
const TIMES = ["happened_at", "embargo"];
const CHECKS = ["key_event", "pin"];

/** How the API's members come out of the fields. */
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
};

function degrees(typed) {
  return typed === "" ? null : Number(typed);
}

export class Fields {
  /**
   * @param {HTMLFormElement} form
   * @param {HTMLElement} root
   * @param {Pictures} pictures
   * @param {Function} words
   */
  constructor(form, root, pictures, words) {
    this.form = form;
    this.pictures = pictures;
    this.bylines = new Chips(form.querySelector(".bylines"), root);
    this.tags = new Chips(form.querySelector(".tagged"), root);
    this.times = TIMES.map((name) => form.elements[name])
      .filter(Boolean) // not everybody has each
      .map((input) => new TimeField(input, form.dataset.zone, words));
  }

  /** What an entry that nobody has begun looks like. */
  get blank() {
    const { name, language } = this.form.dataset;
    return blankOf([name], language);
  }

  get values() {
    const { elements } = this.form;
    const values = { embargo: "" };
    for (const name of TEXTS) values[name] = elements[name]?.value ?? "";
    for (const { input, value } of this.times) values[input.name] = value;
    for (const name of CHECKS) values[name] = elements[name]?.checked ?? false;
    values.bylines = this.bylines.value;
    values.tags = this.tags.value;
    values.media = this.pictures.value;
    return values;
  }

  set values(values) {
    const { elements } = this.form;
    for (const name of [...TEXTS, ...CHECKS]) {
      const field = elements[name]; // not everybody has each
      if (field) field[CHECKS.includes(name) ? "checked" : "value"] = values[name];
    }
    for (const time of this.times) time.value = values[time.input.name];
    this.bylines.value = values.bylines;
    this.tags.value = values.tags;
    this.pictures.value = values.media;
  }
}

/** The fields of an entry that nobody has begun. */
export function blankOf(bylines, language) {
  const none = Object.fromEntries([...TEXTS, ...TIMES].map((field) => [field, ""]));
  const checks = Object.fromEntries(CHECKS.map((field) => [field, false]));
  const rest = { bylines, tags: [], media: [], format: "markdown", kind: "update", language };
  return { ...none, ...checks, ...rest };
}

/** The fields of an entry that there is. */
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
    embargo: entry.embargo_until ?? "",
    pin: entry.pinned,
    note: "",
  };
}

/** A body as it is written, of an entry or of such fields: what came as HTML stays HTML. */
export function sourceOf({ body, format }) {
  if (format) return { body, format };
  const kind = body && body.markdown === null ? "html" : "markdown";
  return { body: body?.[kind] ?? "", format: kind };
}

/** What is said of a picture. */
export function wordsOf({ alt, caption, credit }) {
  return { alt: alt ?? "", caption: caption ?? "", credit: credit ?? "" };
}

/** The members that differ between two states of the fields, as the newer one has them. */
export function changesOf(older, newer) {
  const changes = {};
  for (const [name, member] of Object.entries(MEMBERS)) {
    const [was, is] = [older, newer].map((values) => member(values) || null);
    const said = ({ media }) => JSON.stringify(media.map((each) => [each.id, wordsOf(each)]));
    const differs = name === "media" && said(older) !== said(newer);
    if (differs || JSON.stringify(was) !== JSON.stringify(is)) changes[name] = member(newer);
    if (changes[name] === "") changes[name] = null;
  }
  return changes;
}

/** The fields of a state that are not as they were in an older one. */
export function differences(older, newer) {
  const names = Object.keys(newer).filter(
    (name) => JSON.stringify(older[name]) !== JSON.stringify(newer[name]),
  );
  return Object.fromEntries(names.map((name) => [name, newer[name]]));
}

/** Whether there is anything to keep: a byline and a language are there before anybody begins. */
export function isEmpty({ headline, body, media }) {
  return !headline.trim() && !body.trim() && !media.length;
}
