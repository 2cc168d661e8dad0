/**
 * What differs between two texts, word by word.
 */

import { sourceOf } from "./fields.js";

const MOST = 4_000_000; // pairs of words that are compared; beyond that the texts differ as a whole

/** A text's words and what stands between them. */
function split(text) {
  const words = new Intl.Segmenter(undefined, { granularity: "word" });
  return Array.from(words.segment(text), ({ segment }) => segment);
}

/**
 * The way from one list to another.
 *
 * @param {string[]} old
 * @param {string[]} fresh
 * @returns {{kind: "same"|"old"|"fresh", parts: string[]}[]} of two that stand at the same place
 *   the old ones first.
 */
export function compare(old, fresh) {
  let start = 0;
  while (start < old.length && old[start] === fresh[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, fresh.length) - start;
  while (end < most && old.at(-1 - end) === fresh.at(-1 - end)) end += 1;
  const steps = [];
  const add = (kind, parts) => {
    if (!parts.length) return;
    if (steps.at(-1)?.kind === kind) steps.at(-1).parts.push(...parts);
    else steps.push({ kind, parts: [...parts] });
  };
  add("same", old.slice(0, start));
  const [a, b] = [old.slice(start, old.length - end), fresh.slice(start, fresh.length - end)];
  for (const [kind, part] of walk(a, b)) add(kind, part);
  add("same", end ? old.slice(-end) : []);
  return steps;
}

/** The steps through the table of longest common subsequences. */
function* walk(a, b) {
  if (!a.length || !b.length || a.length * b.length > MOST) {
    yield ["old", a];
    return yield ["fresh", b];
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
  const [ins, del] = document.querySelector("template#difference").content.children;
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
 * @param {object} theirs - The entry as it is now.
 * @param {{body: string, format: string}} mine
 * @returns {{body: string, format: string}} in HTML as soon as one of them is.
 */
export function joinBodies(theirs, mine) {
  const other = sourceOf(theirs);
  if (other.format === "markdown" && mine.format === "markdown") {
    const paragraphs = [other, mine].map(({ body }) => body.split(/\n{2,}/));
    return { body: join(...paragraphs, "\n\n"), format: "markdown" };
  }
  const own = mine.format === "html" ? mine.body : paragraphsOf(mine.body);
  return { body: join(blocksOf(theirs.body?.html ?? ""), blocksOf(own), "\n"), format: "html" };
}

function join(old, fresh, glue) {
  const parts = compare(old, fresh).flatMap(({ parts }) => parts);
  return parts.filter(Boolean).join(glue);
}

/** Words as HTML. */
function paragraphsOf(text) {
  const escaped = text.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  return escaped.replace(/[^]+?(\n{2,}|$)/g, "<p>$&</p>");
}

/** The blocks of HTML, each as it is written. */
function blocksOf(html) {
  const place = document.createElement("template");
  place.innerHTML = html;
  const nodes = [...place.content.childNodes];
  // Words that stand in no block are kept together.
  const isLoose = nodes.some(({ nodeName, data }) => nodeName === "#text" && data.trim());
  return isLoose ? [html] : nodes.map(({ outerHTML = "" }) => outerHTML);
}
