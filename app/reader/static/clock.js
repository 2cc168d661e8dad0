/**
 * The server's clock, and beside an entry's time how long ago that was by it.
 *
 * A device's own clock may be hours off, or jump. The clock here is set by times that the server
 * sends, and goes on by the page's counter, which no setting of a clock touches. The time itself
 * stays where it is. What lies a week back or more has only that, and so has all until the server
 * has been heard.
 */

import { categoryOf } from "./plural.js";

const STEPS = { second: 60, minute: 60, hour: 24, day: 7 }; // how many make the next
/** @type {HTMLTemplateElement | null | undefined} */
let template; // with the words; behind all entries, so that finding it takes a while
let zero = NaN; // what the server's clock showed when the page's counter began

/** What the server's clock shows, in ms; NaN before it has been heard. */
export const now = () => zero + performance.now();

/**
 * Sets the clock. A time is past when it arrives, so the clock never goes back.
 *
 * @param {number} time - In milliseconds; NaN changes nothing.
 */
export function setClock(time) {
  if (!(time <= now())) zero = time - performance.now() || zero;
}

/**
 * Fills the places beside the times.
 *
 * @param {ParentNode} root
 */
export function showAges(root) {
  if (!template?.isConnected) template = document.querySelector("template.ages");
  const languages = /** @type {HTMLElement[]} */ ([...(template?.content.children ?? [])]);
  if (!languages.length) return;
  for (const place of root.querySelectorAll(".ago")) {
    const at = Date.parse(place.parentElement?.querySelector("time").dateTime ?? "");
    const lang = place.closest("[lang]")?.lang;
    const words = languages.find((each) => each.lang === lang) ?? languages[0];
    if (words.lang !== lang) place.lang = words.lang;
    const told = inWords(now() - at, (name) => words.getAttribute(`data-${name}`));
    if (place.textContent !== told) place.textContent = told;
  }
}

/**
 * How long ago something was, in words; nothing for what lies a week back or more.
 *
 * @param {number} ms
 * @param {(name: string) => string | null} words - Of a language, by the unit, and by unit and plural
 *   category where the number decides.
 */
export function inWords(ms, words) {
  let age = Math.floor(ms / 1_000);
  for (const [unit, size] of Object.entries(STEPS)) {
    if (age < size) {
      const category = categoryOf(age, words("plurals") ?? "");
      return (words(`${unit}-${category}`) ?? words(unit) ?? "").replace("#", `${age}`);
    }
    age = Math.floor(age / size);
  }
  return "";
}
