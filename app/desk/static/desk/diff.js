/**
 * What differs between two texts, word by word: of a conflict, a correction, and the revisions of an
 * entry.
 *
 * @typedef {"same"|"old"|"fresh"} Kind
 * @typedef {{kind: Kind, parts: string[]}} Change
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 * @typedef {import("./entry_text.js").Source} Source
 * @typedef {import("./entry_text.js").Sourced} Sourced
 *
 * What is compared of what was written here.
 * @typedef {Source & Pick<import("./fields.js").Values, "headline" | "claims" | "figures">} Own
 */

import { sourceOf, textOf } from "./entry_text.js";
import { claimOf, figureOf } from "./statement.js";
import { lineWriter, readNames } from "./statement_words.js";
import { showTime } from "./time_element.js";
import { ask } from "./dialog.js";
import { request } from "./api.js";

const MOST = 4_000_000; // pairs of words that are compared; beyond that the texts differ as a whole

/**
 * A text's words and what stands between them.
 *
 * @param {string} text
 */
function split(text) {
  const words = new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(words.segment(text), ({ segment }) => segment);
}

/**
 * The way from one list to another.
 *
 * @param {string[]} old
 * @param {string[]} fresh
 * @returns {Change[]} of two that stand at the same place the old ones first.
 */
export function compare(old, fresh) {
  let start = 0;
  while (start < old.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (end < most && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  /** @type {Change[]} */
  const steps = [];
  /**
   * @param {Kind} kind
   * @param {string[]} parts
   */
  const add = (kind, parts) => {
    const last = steps.at(-1);
    if (!parts.length) return;
    if (last?.kind === kind) last.parts.push(...parts);
    else steps.push({ kind, parts: [...parts] });
  };
  add("same", old.slice(0, start));
  const [a, b] = [old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)];
  for (const [kind, part] of walk(a, b)) add(kind, part);
  add("same", end ? old.slice(-end) : []);
  return steps;
}

/**
 * The steps through the table of longest common subsequences.
 *
 * @param {string[]} a
 * @param {string[]} b
 * @returns {Generator<[Kind, string[]], void>}
 */
function* walk(a, b) {
  if (!a.length || !b.length || a.length * b.length > MOST) {
    yield ["old", a];
    yield ["fresh", b];
    return;
  }
  const wide = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [below, beside] = [longest[(i + 1) * wide + j], longest[i * wide + j + 1]];
      const onward = longest[(i + 1) * wide + j + 1] + 1;
      longest[i * wide + j] = a[i] === b[j] ? onward : Math.max(below, beside);
    }
  }
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      yield ["same", [a[i]]];
      [i, j] = [i + 1, j + 1];
    } else if (longest[(i + 1) * wide + j] >= longest[i * wide + j + 1]) yield ["old", [a[i++]]];
    else yield ["fresh", [b[j++]]];
  }
  yield ["old", a.slice(i)];
  yield ["fresh", b.slice(j)];
}

/**
 * Shows a text with what differs from another one marked, also for who hears it.
 *
 * @param {Element} place - Is filled anew.
 * @param {string} old
 * @param {string} fresh
 * @param {"old"|"fresh"} [only] - Shows one of the two alone; else both, what is gone and what is new.
 */
export function showDifference(place, old, fresh, only) {
  /** @type {HTMLTemplateElement} */
  const { content } = document.querySelector("template#difference");
  const [ins, del] = [content.querySelector("ins"), content.querySelector("del")];
  place.replaceChildren();
  for (const { kind, parts } of compare(split(old), split(fresh))) {
    if (only && kind !== "same" && kind !== only) continue;
    const text = parts.join("");
    if (kind === "same" || !text.trim()) {
      place.append(text);
      continue;
    }
    const mark = (kind === "old" ? del : ins).cloneNode(true);
    mark.querySelector(".part").textContent = text;
    place.append(mark);
  }
}

/**
 * Both texts in one: what they share once, paragraphs that differ one after the other.
 *
 * @param {NewsroomEntry} theirs - The entry as it is now.
 * @param {Source} mine
 * @returns {Source} in HTML as soon as one of them is.
 */
export function joinBodies(theirs, mine) {
  const other = sourceOf(theirs);
  if (other.format === "markdown" && mine.format === "markdown") {
    const [old, fresh] = [other, mine].map(({ body }) => body.split(/\n{2,}/));
    return { body: join(old, fresh, "\n\n"), format: "markdown" };
  }
  const own = mine.format === "html" ? mine.body : paragraphsOf(mine.body);
  return { body: join(blocksOf(theirs.body?.html ?? ""), blocksOf(own), "\n"), format: "html" };
}

/**
 * @param {string[]} old
 * @param {string[]} fresh
 * @param {string} glue
 */
function join(old, fresh, glue) {
  const parts = compare(old, fresh).flatMap(({ parts }) => parts);
  return parts.filter(Boolean).join(glue);
}

/**
 * Words as HTML.
 *
 * @param {string} text
 */
function paragraphsOf(text) {
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return escaped.replace(/[^]+?(\n{2,}|$)/g, "<p>$&</p>");
}

/**
 * The blocks of HTML, each as it is written.
 *
 * @param {string} html
 */
function blocksOf(html) {
  const place = document.createElement("template");
  place.innerHTML = html;
  const nodes = [...place.content.childNodes];
  // Words that stand in no block are kept together.
  const isLoose = nodes.some((node) => node instanceof Text && node.data.trim());
  return isLoose ? [html] : [...place.content.children].map(({ outerHTML }) => outerHTML);
}

/**
 * An entry's claims and figures, as they are written.
 *
 * @param {NewsroomEntry} entry
 */
function statementsOf({ claims, figures }) {
  return { claims: claims.map(claimOf), figures: figures.map(figureOf) };
}

/**
 * Two states of an entry as texts to compare, by their words. Where these are the same, and only
 * their marks differ, by their sources.
 *
 * @param {NewsroomEntry | Own} old
 * @param {NewsroomEntry | Own} fresh
 */
export function textsOf(old, fresh) {
  const lines = lineWriter(readNames());
  const whole = (/** @type {(each: Sourced) => string} */ part) =>
    [old, fresh].map((each) => {
      const { claims, figures } = "format" in each ? each : statementsOf(each);
      const stated = [...claims.map(lines.claim), ...figures.map(lines.figure)].join("\n");
      return [each.headline, part(each), stated].filter(Boolean).join("\n\n");
    });
  const words = whole(textOf);
  return words[0] === words[1] ? whole((each) => sourceOf(each).body) : words;
}

/**
 * Shows what two people wrote at once side by side, and asks what is to become of it. Escape changes
 * nothing.
 *
 * @param {NewsroomEntry} theirs - The entry as it is now.
 * @param {Own} mine - What was written here.
 * @returns {Promise<{choice: string, text: Own} | null>} the choice (`theirs`, `mine` or `merge`) with
 *   the text to go on with.
 */
export async function resolveConflict(theirs, mine) {
  const answer = await ask("conflict", (dialog) => {
    const [here, there] = textsOf(mine, theirs);
    showDifference(dialog.querySelector(".theirs"), here, there, "fresh");
    showDifference(dialog.querySelector(".mine"), there, here, "fresh");
  });
  if (!answer) return null;
  const { choice } = answer;
  const { headline, body, format, claims, figures } = mine;
  const own = { headline, body, format, claims, figures };
  const stated = statementsOf(theirs);
  if (choice === "theirs") {
    const text = { headline: theirs.headline ?? "", ...sourceOf(theirs), ...stated };
    return { choice, text };
  }
  if (choice === "mine") return { choice, text: own };
  const both = { ...joinBodies(theirs, mine), ...joinStatements(stated, own) };
  return { choice, text: { ...own, ...both } };
}

/**
 * All claims and figures of both: theirs, and behind them those that only the other has.
 *
 * @param {Pick<Own, "claims" | "figures">} theirs
 * @param {Pick<Own, "claims" | "figures">} mine
 */
export function joinStatements(theirs, mine) {
  const ids = new Set(theirs.claims.map(({ id }) => id));
  const numbers = new Set(theirs.figures.map((figure) => JSON.stringify(figure)));
  return {
    claims: [...theirs.claims, ...mine.claims.filter(({ id }) => !id || !ids.has(id))],
    figures: [
      ...theirs.figures,
      ...mine.figures.filter((figure) => !numbers.has(JSON.stringify(figure))),
    ],
  };
}

/**
 * Shows what a correction changes, before it is sent.
 *
 * @param {import("./autosave.js").Text} text - The fields as they are and as they become.
 * @returns {Promise<boolean>} Whether it may go.
 */
export async function confirmCorrection({ saved, values }) {
  const answer = await ask("ask-correct", (dialog) => {
    const [old, fresh] = textsOf(saved ?? values, values);
    showDifference(dialog.querySelector(".difference"), old, fresh);
    dialog.querySelector(".quoted").textContent = values.note;
  });
  return Boolean(answer);
}

/**
 * Shows the public texts of an entry in the page's dialog, the newest first, each with what it
 * changed.
 *
 * @param {string} path - Of the coverage's API.
 * @param {string} id
 */
export async function showRevisions(path, id) {
  /** @type {{revisions: (NewsroomEntry & {at: string, note: string | null})[]}} */
  const { revisions } = await request("GET", `${path}/entries/${id}/revisions`);
  await ask("texts", (dialog) => {
    const pattern = dialog.querySelector("template").content.querySelector("li");
    const items = revisions.map((revision, place) => {
      const item = pattern.cloneNode(true);
      item.querySelector(".number").textContent = `${revision.revision}`;
      showTime(item.querySelector("time"), revision.at);
      item.querySelector(".note").textContent = revision.note ?? "";
      const [old, fresh] = textsOf(revisions[place - 1] ?? revision, revision);
      showDifference(item.querySelector(".difference"), old, fresh);
      return item;
    });
    dialog.querySelector(".texts").replaceChildren(...items.reverse());
    dialog.querySelector(".empty").hidden = items.length > 0;
  });
}
