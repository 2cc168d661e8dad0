/**
 * How many open pages a retraction has reached: shown for half a minute, as long as it changes. And
 * where copies of what was retracted are still public.
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
  const copies = document.querySelector(".copies");
  copies.hidden = true;
  let shown = "";
  let listed = "[]";
  for (let look = 0; look < LOOKS && last === own; look += 1) {
    const reach = await request("GET", `${path}/reach`).catch(() => null);
    // Written only when it has changed: the focus may be in it, and screen readers read it again.
    if (reach && last === own && JSON.stringify(reach.copies) !== listed) {
      listed = JSON.stringify(reach.copies);
      showCopies(copies, reach.copies);
    }
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

/**
 * @param {HTMLElement} place
 * @param {{coverage: string, title: string}[]} copies
 */
function showCopies(place, copies) {
  const links = copies.map(({ coverage, title }) => {
    const link = document.createElement("a");
    link.href = `/desk/coverages/${coverage}`;
    link.dir = "auto";
    link.textContent = title;
    return link;
  });
  const items = links.map((link) => {
    const item = document.createElement("li");
    item.append(link);
    return item;
  });
  place.querySelector("ul").replaceChildren(...items);
  place.hidden = !copies.length;
}
