/**
 * How many open pages a retraction has reached: shown for half a minute, as long as it changes.
 */

import { request } from "./api.js";

const LOOK = 1_500; // ms between two questions
const LOOKS = 20; // the server counts for half a minute

/** @type {object | undefined} */
let last; // the retraction that is followed: a later one takes the place

/**
 * @param {string} path - Of the retracted entry's API.
 * @param {(words: string) => void} tell - Gets what is said at the end.
 */
export async function followReach(path, tell) {
  const own = {};
  last = own;
  const place = document.querySelector(".reach");
  const { words = "", proxies = "", thousands = "" } = place.dataset;
  const shownAs = (/** @type {number} */ number) =>
    `${number}`.replace(/\B(?=(\d{3})+$)/g, thousands);
  let shown = "";
  for (let look = 0; look < LOOKS && last === own; look += 1) {
    const reach = await request("GET", `${path}/reach`).catch(() => null);
    if (reach?.at && last === own) {
      shown = words.replace(/\{(\w+)\}/g, (_, name) => shownAs(reach[name]));
      place.textContent = `${shown} ${proxies}`;
      place.hidden = false;
      if (reach.reached === reach.open) break;
    }
    await new Promise((done) => setTimeout(done, LOOK));
  }
  if (shown && last === own) tell(shown);
}
