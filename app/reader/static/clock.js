/**
 * The server's clock, and beside an entry's time how long ago that was by it.
 *
 * A device's own clock may be hours off, or jump. The clock here is set by times that the server
 * sends, and goes on by the page's counter, which no setting of a clock touches. The time itself
 * stays where it is. What lies a week back or more has only that, and so has all until the server
 * has been heard.
 */

const STEPS = { second: 60, minute: 60, hour: 24, day: 7 }; // how many make the next
/** @type {Record<string, Intl.RelativeTimeFormat>} */
const formats = {}; // by language
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
  for (const place of root.querySelectorAll(".ago")) {
    const at = Date.parse(place.parentElement?.querySelector("time").dateTime ?? "");
    const told = inWords(now() - at, place.closest("[lang]")?.lang ?? "en");
    if (place.textContent !== told) place.textContent = told;
  }
}

/**
 * How long ago something was, in words; nothing for what lies a week back or more.
 *
 * @param {number} ms
 * @param {string} language - BCP 47.
 */
export function inWords(ms, language) {
  formats[language] ??= new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  let age = Math.floor(ms / 1_000);
  for (const [name, size] of Object.entries(STEPS)) {
    const unit = /** @type {keyof typeof STEPS} */ (name);
    if (age < size) return formats[language].format(unit === "second" ? 0 : -age, unit);
    age = Math.floor(age / size);
  }
  return "";
}
