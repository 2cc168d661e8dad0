/**
 * An entry's words as text: what is compared, quoted and listed.
 */

import { sourceOf } from "./fields.js";
import { clock } from "./moments.js";

const BLOCKS =
  "p, li, dt, dd, div, pre, blockquote, td, th, caption, figcaption, h1, h2, h3, h4, h5, h6, br";

/** The words of an entry, or of what is written of one: its Markdown, or what its HTML says. */
export function textOf(entry) {
  const { body, format } = sourceOf(entry);
  return format === "html" ? plain(body) : body;
}

/**
 * Two states of an entry as texts to compare, by their words. Where these are the same, and only
 * their marks differ, by their sources.
 */
export function textsOf(old, fresh) {
  const whole = (part) =>
    [old, fresh].map((each) => [each.headline, part(each)].filter(Boolean).join("\n\n"));
  const words = whole(textOf);
  return words[0] === words[1] ? whole((each) => sourceOf(each).body) : words;
}

function plain(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const block of template.content.querySelectorAll(BLOCKS)) block.after("\n\n");
  return template.content.textContent.replace(/\n{3,}/g, "\n\n").trim();
}

const { zone } = document.querySelector("main").dataset;

/** Tells a moment as the newsroom's clocks do. */
export function tell(time, at, say = clock) {
  time.dateTime = at;
  time.textContent = say(at, zone);
}
