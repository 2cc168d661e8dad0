/**
 * Keeps the summary above the timeline up while a page is open: loaded when an event changes it.
 */

const SPREAD = 5_000; // ms over which readers ask for an entry that is not on their page

/**
 * @param {HTMLElement} frame
 * @param {import("./journal.js").JournalEvent} event - Of the summary, or that chooses another one.
 * @param {import("./timeline.js").Timeline} timeline
 * @param {typeof import("./highlights.js").hold} hold
 */
export async function follow(frame, { details, entry, html }, timeline, hold) {
  const id = details ? details.summary : entry?.retraction ? null : entry?.id;
  frame.dataset.entry = id ?? "";
  const held = /** @type {HTMLElement | null} */ (frame.querySelector(".entry"));
  if (held && held.dataset.entry !== id) hold(frame, held.dataset.entry ?? "", false, held);
  const links = frame.querySelector("a.earlier-versions");
  links.hidden = true;
  if (!id) return;
  const article = (details ? timeline.find(id) : find(html)) ?? await fetchEntry();
  if (!article || frame.dataset.entry !== id) return; // another one was chosen meanwhile
  hold(frame, id, true, article);
  const link = /** @type {HTMLAnchorElement} */ (article.querySelector("a.permalink"));
  const at = encodeURIComponent(link.querySelector("time").dateTime);
  /** @type {HTMLAnchorElement} */ (links).href = `${link.getAttribute("href")}?at=${at}`;
  links.hidden = !article.querySelector(".updated");
}

/**
 * @param {string} [html]
 * @param {string} [selector]
 */
function find(html = "", selector = ".entry") {
  const template = document.createElement("template");
  template.innerHTML = html;
  return /** @type {HTMLElement | null} */ (template.content.querySelector(selector));
}

/** The entry is older than what the page shows: the page as it is now has it. */
async function fetchEntry() {
  await new Promise((resolve) => setTimeout(resolve, SPREAD * Math.random()));
  const answer = await fetch(location.pathname, { cache: "no-cache" }).catch(() => null);
  return find(await answer?.text(), ".summary .entry");
}
