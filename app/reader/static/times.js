/**
 * Says beside an entry's time how long ago that was.
 *
 * The time itself stays where it is. What lies a week back or more has only that: also in a replay
 * of the past, whose clock the reader's device does not know.
 */

const STEPS = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 7],
];
const formats = {}; // by language
let ahead = 0; // ms that the server's clock is ahead of this one
let latest = 0; // what the clock has shown: it never goes back

/** Sets the clock by an answer of the server's. */
export function setClock(answer) {
  ahead = Date.parse(answer.headers.get("Date")) - Date.now() || 0;
}

/** Fills the places beside the times. */
export function tellAges(root) {
  for (const place of root.querySelectorAll(".ago")) {
    const at = Date.parse(place.parentElement.querySelector("time").dateTime);
    latest = Math.max(latest, Date.now() + ahead, at);
    const told = inWords(latest - at, place.closest("[lang]")?.lang);
    if (place.textContent !== told) place.textContent = told;
  }
}

function inWords(ms, language) {
  formats[language] ??= new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
  let age = Math.floor(ms / 1_000);
  for (const [unit, size] of STEPS) {
    if (age < size) return formats[language].format(unit === "second" ? 0 : -age, unit);
    age = Math.floor(age / size);
  }
  return "";
}
