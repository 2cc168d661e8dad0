/**
 * What a text becomes when it is sent: a letter, with the requests that it takes one after another.
 *
 * Each request has its own key, so that it can be repeated after any accident. A request whose
 * answer was lost comes first and as it was: what it did is not known, and its answer tells.
 *
 * @typedef {import("./fields.js").Values} Values
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 * @typedef {"publish"|"schedule"|"submit"|"amend"|"correct"|"save"} Purpose
 *
 * One request.
 * @typedef {object} Step
 * @property {string} method
 * @property {string} path - `{id}` stands for the entry's.
 * @property {object} [json] - The payload.
 * @property {string} [key] - Sent again, it does nothing twice.
 * @property {string} [etag] - Of the revision that it changes.
 * @property {boolean} [isGuarded] - It needs such a tag.
 * @property {boolean} [isAside] - It is not about the entry.
 * @property {Values} [values] - The fields that it brings to the server.
 *
 * What is remembered of an entry.
 * @typedef {object} Trace
 * @property {string} id
 * @property {number} revision
 * @property {NewsroomEntry["status"]} status
 * @property {boolean} isSubmitted
 * @property {string | null} at - When it was published.
 * @property {string | null} embargo
 *
 * A text that is sent: a queued submission.
 * @typedef {object} Letter
 * @property {string} id
 * @property {number} at - When it was sent off.
 * @property {string} caller
 * @property {string} coverage
 * @property {import("./autosave.js").Mode} mode
 * @property {Purpose} purpose
 * @property {Values} values
 * @property {Values | null} saved - What the server has of them.
 * @property {Trace | null} entry
 * @property {Step[]} steps - Those that are left.
 * @property {"waiting"|"refused"|"doubtful"} state
 * @property {number | null} tried - When the first of them was first tried.
 * @property {number} [notBefore]
 * @property {import("./api.js").Problem | null} [problem] - Why it was refused.
 * @property {string | null} [sentence]
 * @property {NewsroomEntry} [answer] - The entry as the last answer had it.
 */

import { Refusal, request } from "./api.js";
import { newId } from "./local_store.js";
import { textOf } from "./entry_text.js";
import { changesOf, isEmpty, wordsOf } from "./fields.js";
import { now } from "../clock.js";
import { placeholdersIn } from "./placeholders.js";

const PATIENCE = 20_000; // ms for an answer

/**
 * @param {import("./autosave.js").Text} text
 * @param {Purpose} purpose
 * @param {Values} blank - The fields of nothing.
 */
export function stepsOf(text, purpose, blank) {
  const { values, pending, entry, coverage } = text;
  const here = `/v1/coverages/${coverage}`;
  const one = `${here}/entries/{id}`;
  const steps = wordSteps(values);
  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [json]
   * @param {Partial<Step>} [more]
   */
  const add = (method, path, json, more) => {
    steps.push({ method, path, json, key: newId(), ...more });
  };
  if (pending) steps.push(pending);
  const known = pending?.values ?? text.saved;
  const changes = changesOf(known ?? { ...blank, bylines: [], language: "" }, values);
  if (purpose === "correct") {
    add("POST", `${one}/correction`, { ...changes, note: values.note }, { isGuarded: true });
    return steps;
  }
  const isTimed = purpose === "schedule" || (purpose === "save" && entry?.status === "scheduled");
  const embargo = isTimed && !isOnTime(text) ? { embargo_until: values.embargo || null } : {};
  const isDraft = purpose === "submit" || purpose === "save";
  if (!pending && !entry) {
    const json = { ...changes, ...embargo };
    add("POST", `${here}/entries`, isDraft ? { ...json, draft: true } : json);
  } else if (Object.keys({ ...changes, ...embargo }).length) {
    // A draft that somebody published meanwhile is not changed for all readers by the way.
    const isUnseen = pending || entry?.status === "draft";
    const json = { ...changes, ...embargo, ...(isUnseen && { draft: true }) };
    add("PATCH", one, json, { isGuarded: true });
  }
  if (purpose === "publish" && (pending || entry)) add("POST", `${one}/publication`);
  if (purpose === "submit") add("PUT", `${here}/drafts/{id}/submission`);
  if (purpose === "publish" && values.pin) add("PUT", `${one}/pin`);
  return steps;
}

/**
 * Whether it goes out when it is to: then its time is not sent once more.
 *
 * @param {Pick<Letter, "values" | "entry">} text
 */
export function isOnTime({ values, entry }) {
  return entry?.status === "scheduled" && entry.embargo === values.embargo;
}

/**
 * @param {Values} values
 * @returns {Step[]}
 */
function wordSteps({ media }) {
  return media
    .filter((each) => each.id && JSON.stringify(wordsOf(each)) !== JSON.stringify(each.known))
    .map((each) => ({
      method: "PATCH",
      path: `/v1/media/${each.id}`,
      json: wordsOf(each),
      isAside: true,
    }));
}

/**
 * What is remembered of an entry: which, and what it was when it was last seen.
 *
 * @param {NewsroomEntry} entry
 * @returns {Trace}
 */
export function traceOf({ id, revision, status, submitted_at, published_at: at, embargo_until }) {
  return { id, revision, status, isSubmitted: Boolean(submitted_at), at, embargo: embargo_until };
}

/**
 * The name of what is said of a letter that has been answered.
 *
 * @param {Letter} letter
 * @param {NewsroomEntry} entry
 */
export function wordOf({ purpose }, { status }) {
  return purpose === "publish" && status === "scheduled" ? "sent-held" : `sent-${purpose}`;
}

/**
 * The first words of a text, to know it by: cut between characters as readers see them.
 *
 * @param {Values} values
 */
export function titleOf(values) {
  const [figure] = values.figures;
  const number = figure && `${figure.metric}: ${figure.value}`;
  const title = values.headline.trim() || textOf(values).trim() || number || "";
  return title.slice(0, [...new Intl.Segmenter().segment(title)][79]?.index);
}

/**
 * Takes one step.
 *
 * @param {Step} step
 * @param {Trace | null} trace - Of the entry that it is about.
 * @throws {Refusal} The server said no. `TypeError`, `DOMException`: there was no answer.
 */
export function take(step, trace) {
  const { method, json, key, path, etag } = addressed(step, trace);
  return request(method, path, { json, etag, key, signal: AbortSignal.timeout(PATIENCE) });
}

/**
 * A step that knows its entry, and the revision that it would change.
 *
 * @param {Step} step
 * @param {Trace | null} trace
 */
export function addressed(step, trace) {
  return {
    ...step,
    path: step.path.replace("{id}", trace?.id ?? ""),
    etag: step.etag ?? (step.isGuarded ? `"${trace?.revision}"` : undefined),
  };
}

/**
 * Whether it is not known what the server did, or it asks to come back.
 *
 * @param {unknown} error
 */
export function isPassing(error) {
  if (!(error instanceof Refusal)) return true;
  const isRunning = error.problem.type?.endsWith("/request-in-progress");
  return isRunning || error.status >= 500 || error.status === 429 || error.status === 408;
}

/**
 * What keeps a text from being sent that can be told without the server.
 *
 * @param {import("./autosave.js").Text} text
 * @param {Purpose} purpose - What it is sent for.
 * @param {{isBusy: boolean, isUnsaid: boolean}} media - Whether some is still being sent, and whether
 *   there is some of which nobody has said what it shows.
 * @param {(word: string) => boolean} [isAsked] - Whether that was said of this text before.
 * @returns {[word: string, field?: string, place?: {start: number, end: number}] | null} What is said,
 *   by its name in the page, the field in which it is mended, and where in its text; null if nothing
 *   is in the way.
 */
export function findObstacle(text, purpose, { isBusy, isUnsaid }, isAsked = () => false) {
  const { values, saved, mode } = text;
  if (isEmpty(values)) return ["nothing", "body"];
  if (isBusy) return ["pictures-under-way"];
  if (purpose === "correct" && !values.note.trim()) return ["note-missing", "note"];
  const isAhead = Date.parse(values.embargo) > now();
  if (purpose === "schedule" && !isAhead) return ["embargo-missing", "embargo"];
  const isStanding = mode === "amend" || (purpose === "schedule" && isOnTime(text));
  const isChanged = !saved || Object.keys(changesOf(saved, values)).length;
  if (isStanding && !isChanged) return ["nothing-changed", "body"];
  // Asked once: when it is urgent, the same keys again send it without.
  if (isUnsaid && !isAsked("alt-missing")) return ["alt-missing"];
  for (const name of /** @type {const} */ (["headline", "body"])) {
    const [place] = placeholdersIn(values[name]);
    if (place && !isAsked("placeholder-left")) return ["placeholder-left", name, place];
  }
  return null;
}
