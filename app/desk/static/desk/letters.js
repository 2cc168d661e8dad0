/**
 * What a text becomes when it is sent: a letter, with the requests that it takes one after another.
 *
 * Each request has its own key, so that it can be repeated after any accident. A request whose
 * answer was lost comes first and as it was: what it did is not known, and its answer tells.
 */

import { Refusal, ask } from "./api.js";
import { newId } from "./drawer.js";
import { changesOf, wordsOf } from "./fields.js";
import { textOf } from "./texts.js";

const PATIENCE = 20_000; // ms for an answer

/**
 * @param {object} text - As `Autosave` keeps it.
 * @param {"publish"|"schedule"|"submit"|"amend"|"correct"|"save"} purpose
 * @param {object} blank - The fields of nothing.
 */
export function stepsOf(text, purpose, blank) {
  const { values, pending, entry, coverage } = text;
  const here = `/v1/coverages/${coverage}`;
  const one = `${here}/entries/{id}`;
  const steps = wordSteps(values);
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
    const isUnseen = pending || entry.status === "draft";
    const json = { ...changes, ...embargo, ...(isUnseen && { draft: true }) };
    add("PATCH", one, json, { isGuarded: true });
  }
  if (purpose === "publish" && (pending || entry)) add("POST", `${one}/publication`);
  if (purpose === "submit") add("PUT", `${here}/drafts/{id}/submission`);
  if (purpose === "publish" && values.pin) add("PUT", `${one}/pin`);
  return steps;
}

/** Whether it goes out when it is to: then its time is not sent once more. */
export function isOnTime({ values, entry }) {
  return entry?.status === "scheduled" && entry.embargo === values.embargo;
}

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

/** What is remembered of an entry: which, and what it was when it was last seen. */
export function traceOf({ id, revision, status, submitted_at, published_at: at, embargo_until }) {
  return { id, revision, status, isSubmitted: Boolean(submitted_at), at, embargo: embargo_until };
}

/** What is said of a letter that has been answered. */
export function wordOf({ purpose }, { status }) {
  return purpose === "publish" && status === "scheduled" ? "sent-held" : `sent-${purpose}`;
}

/** The first words of a text, to know it by: cut between characters as readers see them. */
export function titleOf(values) {
  const title = values.headline.trim() || textOf(values).trim();
  return title.slice(0, [...new Intl.Segmenter().segment(title)][79]?.index);
}

/**
 * Takes one step.
 *
 * @param {object} step
 * @param {object|null} trace - Of the entry that it is about.
 * @throws {Refusal} The server said no. `TypeError`, `DOMException`: there was no answer.
 */
export function take(step, trace) {
  const { method, json, key, path, etag } = addressed(step, trace);
  return ask(method, path, { json, etag, key, signal: AbortSignal.timeout(PATIENCE) });
}

/** A step that knows its entry, and the revision that it would change. */
export function addressed(step, trace) {
  const path = step.path.replace("{id}", trace?.id);
  return { ...step, path, etag: step.etag ?? (step.isGuarded ? `"${trace.revision}"` : undefined) };
}

/** Whether it is not known what the server did, or it asks to come back. */
export function isPassing(error) {
  if (!(error instanceof Refusal)) return true;
  const isRunning = error.problem.type?.endsWith("/request-in-progress");
  return isRunning || error.status >= 500 || error.status === 429 || error.status === 408;
}
