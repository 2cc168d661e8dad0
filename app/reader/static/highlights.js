/**
 * What a page shows of an entry beside its timeline: the copy that is held on top, and the list of
 * key events.
 */

import { patch } from "./patch.js";

/**
 * Brings both up to date with an article.
 *
 * @param {Element} main - The page's, with `.pinned` and `.key-events` where there are any.
 * @param {HTMLElement} article - As it is now, shown or waiting.
 * @param {import("./journal.js").Entry | undefined} entry - The same, where an event has brought it.
 * @param {boolean} isShown - Whether it has a place in the timeline.
 */
export function updateHighlights(main, article, entry, isShown) {
  /** @type {HTMLElement | null} */
  const pinned = main.querySelector(".pinned");
  if (pinned && entry) hold(pinned, entry.id, entry.pinned, article);
  listKeyEvent(main.querySelector(".key-events"), article, isShown);
}

/**
 * Holds a copy of an entry on top, or lets go of it.
 *
 * @param {HTMLElement} frame
 * @param {string} id
 * @param {unknown} isHeld
 * @param {HTMLElement} article
 */
export function hold(frame, id, isHeld, article) {
  const place = frame.querySelector(".pinned-entry");
  /** @type {HTMLElement | null} */
  const held = place.querySelector(".entry");
  if (isHeld) {
    const copy = article.cloneNode(true);
    copy.removeAttribute("aria-labelledby");
    // Ids must not be on a page twice.
    for (const each of [copy, ...copy.querySelectorAll("[id]")]) each.removeAttribute("id");
    if (held) patch(held, copy);
    else place.append(copy);
  } else if (held?.dataset.entry === id) held.remove();
  frame.hidden = !place.firstElementChild;
}

/**
 * @param {HTMLElement} frame
 * @param {HTMLElement} article
 * @param {boolean} isShown
 */
function listKeyEvent(frame, article, isShown) {
  const list = frame.querySelector("ol");
  /** @type {HTMLAnchorElement} */
  const link = article.querySelector(".permalink");
  const { entry: id, keyEvent, title } = article.dataset;
  const items = /** @type {HTMLElement[]} */ ([...list.children]);
  const listed = items.find(({ dataset }) => dataset.entry === id);
  if (keyEvent === undefined) listed?.remove();
  else {
    const { content } = frame.querySelector("template");
    const item = listed ?? content.querySelector("li").cloneNode(true);
    const [time, turn] = item.querySelectorAll("time, .turn");
    const at = link.querySelector("time").cloneNode(true);
    item.dataset.entry = id;
    turn.textContent = title ?? "";
    item.querySelector("a").href = isShown ? `#entry-${id}` : (link.getAttribute("href") ?? "");
    time.replaceWith(at);
    const older = items.find((each) => each.querySelector("time").dateTime <= at.dateTime);
    if (!listed) list.insertBefore(item, older ?? null);
    for (const each of [...list.children].slice(Number(frame.dataset.most ?? Infinity))) {
      each.remove();
      frame.querySelector(".all").hidden = false;
    }
  }
  frame.hidden = !list.firstElementChild;
}
