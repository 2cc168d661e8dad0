/**
 * Takes the oldest entries off a page that has stayed open for long: loaded when there are too many.
 *
 * They are on the next page, to which the link to older updates leads. Nothing goes that the reader
 * looks at, would soon scroll to, or uses.
 */

const MOST = 500; // entries
const SPARE = 50; // more of them, so that it is done rarely
const NEAR = 3; // windows below the top of the view

/** @param {import("./timeline.js").Timeline} timeline */
export function trim({ days, entries, root }) {
  if (entries.length <= MOST + SPARE) return;
  const spare = entries.splice(MOST);
  if (!(spare[0]?.getBoundingClientRect().top > NEAR * innerHeight)) return;
  const kept = spare.findLastIndex(isInUse) + 1; // asked of all before any goes, which costs a layout
  const gone = spare.splice(kept);
  if (!gone.length) return;
  for (const article of gone) {
    const day = article.closest(".day");
    article.remove();
    if (!day?.querySelector(".entry")) day?.remove();
  }
  // The embed has no such links, but one to the page.
  if (root instanceof HTMLElement && root.matches("main")) {
    leadOn(days, [...entries, ...spare].at(-1)?.dataset.entry ?? "");
    leadAway(root, days);
  }
}

/** @param {HTMLElement} article */
function isInUse(article) {
  /** @type {NodeListOf<HTMLElement & {paused?: boolean}>} */
  const players = article.querySelectorAll("video, audio, .player, .post");
  const isPlaying = [...players].some((each) => each.shadowRoot || each.paused === false);
  return isPlaying || article.matches(":focus-within") ||
    getSelection()?.containsNode(article, true);
}

/**
 * Has the link to older updates lead to what follows the last entry.
 *
 * @param {HTMLElement} days
 * @param {string} id - Of that entry.
 */
function leadOn(days, id) {
  const paging = days.parentElement?.querySelector(".days ~ .paging") ?? makePaging(days);
  const link = /** @type {HTMLAnchorElement} */ (paging.querySelector("a[rel=next]"));
  const address = new URL(link.href);
  address.searchParams.set("before", id);
  link.href = address.pathname + address.search;
}

/** @param {HTMLElement} days */
function makePaging(days) {
  const [paging, link] = [document.createElement("nav"), document.createElement("a")];
  paging.className = "paging";
  paging.ariaLabel = link.textContent = days.dataset.older ?? "";
  link.rel = "next";
  link.href = location.pathname;
  paging.append(link);
  days.after(paging);
  return paging;
}

/**
 * Has links to places of the page lead to the entries' own pages where these are not on it any more.
 *
 * @param {HTMLElement} main
 * @param {HTMLElement} days
 */
function leadAway(main, days) {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = main.querySelectorAll("a[href^='#entry-']");
  for (const link of links) {
    const id = link.hash.slice("#entry-".length);
    if (days.querySelector(`#entry-${CSS.escape(id)}`)) continue;
    link.href = `${main.dataset.page}/entries/${id}`;
  }
}
