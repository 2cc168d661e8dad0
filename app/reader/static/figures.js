/**
 * Keeps the panel of figures up while a page is open.
 *
 * An event says what an entry is now, not what the panel is: that is the server's own HTML, which is
 * fetched when an event may have changed it. All readers hear of an event at once, so each waits for
 * a while of its own. What was retracted goes at once.
 */

import { patch } from "./patch.js";
import { anchorScroll } from "./scroll_anchor.js";

const [SOON, SPREAD] = [1_000, 5_000]; // ms until the panel is fetched, and how far readers spread
const ATTEMPTS = 6;

let wanted = 0; // the seq of the last event that the panel has to show
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * @param {HTMLElement} panel
 * @param {import("./journal.js").JournalEvent} event - That the timeline has taken.
 * @param {import("./timeline.js").Timeline} timeline
 */
export function follow(panel, { type, seq, entry }, timeline) {
  const isRetracted = type === "entry.retracted";
  // A line may have been drawn through what was retracted.
  if (isRetracted) { for (const line of panel.querySelectorAll("svg")) line.remove(); }
  else if (timeline.options.isFrozen || !entry || type.endsWith("pinned")) return;
  const shown = `svg, [data-entry="${CSS.escape(entry?.id ?? "")}"]`;
  const isNew = type === "entry.published";
  if (!isRetracted && !entry?.figures?.length && (isNew || !panel.querySelector(shown))) return;
  wanted = seq;
  timer ??= setTimeout(load, SOON + Math.random() * SPREAD, panel, timeline, 1);
}

/**
 * @param {HTMLElement} panel
 * @param {import("./timeline.js").Timeline} timeline
 * @param {number} attempt - The first is 1.
 */
async function load(panel, timeline, attempt) {
  try {
    const answer = await fetch(panel.dataset.address ?? "", { cache: "no-cache" });
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    const fresh = template.content.querySelector("section");
    // An error, or a cache that has not heard of the event.
    if (!answer.ok || !(Number(fresh?.dataset.seq) >= wanted)) throw new Error("Too old");
    timer = undefined;
    const { entries, options } = timeline;
    const isHeld = entries[0]?.getBoundingClientRect().top < 0;
    options.move?.(() => anchorScroll(isHeld && entries, () => patch(panel, fresh)));
    options.onChange?.(timeline.count); // the panel may be shorter now
  } catch {
    const pause = SPREAD * 2 ** attempt * (0.5 + Math.random() / 2);
    timer = attempt < ATTEMPTS ? setTimeout(load, pause, panel, timeline, attempt + 1) : undefined;
  }
}
