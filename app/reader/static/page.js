/**
 * Puts a coverage's page together: its timeline, its stream, and what is told of both.
 *
 * The page carries the cursor of its moment; the stream goes on from there. All words stand in the
 * page, none here. Without this script the page is complete but still.
 */

import { animateLayout } from "./transitions.js";
import { hold, updateHighlights } from "./highlights.js";
import { share } from "./tabs.js";
import { goTo } from "./new_updates.js";
import { Timeline } from "./timeline.js";
import { now, setClock, showAges } from "./clock.js";

const LONG = 100; // entries, with more of which a page lays out only those near the view
const TOO_LONG = 500; // entries, with more of which it may lose the oldest
const PATIENCE = 6_000; // ms until readers are told: streams end now and then, and are back in 5 s
const LONGEST_PAUSE = 30_000; // ms until a page is loaded anew
const BREATH = 20_000; // ms between two looks at the clock
const AWAY = 60_000; // ms; who is back sooner has not left
const CALM = 3_000; // ms that a state has lasted when it is announced

const main = document.querySelector("main[data-coverage]");
// Neither is on a page of the past.
const connection = main.querySelector(".connection");
const since = main.querySelector(".since");
const figures = main.querySelector(".figures");
/** @type {HTMLElement | null} */
const summary = main.querySelector(".summary"); // on the newest page
const { coverage = "", cursor, silence, latest, tag, keyEvents, lang, newest, frozen } =
  main.dataset;

/** @type {ReturnType<typeof setTimeout> | undefined} */
let notice; // the timer until a lost connection is told
/** @type {ReturnType<typeof setTimeout> | undefined} */
let saying; // the timer until a state is announced
let said = main.querySelector(".head").dataset.status; // the state that was announced last
/** @type {import("./journal.js").State | undefined} */
let told; // the stream's state
const key = `dateline ${coverage}`;
/** @type {{cursor?: string, at?: number}} */
let left = {}; // how far the reader has come, and when that was
try {
  left = JSON.parse(localStorage[key]);
} catch {
  // They were never here, or the browser keeps nothing.
}

const timeline = new Timeline(main, {
  isOpen: newest !== undefined,
  isFrozen: frozen !== undefined,
  accepts: (entry) =>
    (!tag || entry.tags.includes(tag)) &&
    (keyEvents === undefined || entry.key_event) &&
    (!lang || entry.language.toLowerCase() === lang),
  latest,
  move: (act) => animateLayout(main, document.querySelectorAll(".foot"), act),
  onArticle: (article, entry) => {
    showAges(article);
    updateHighlights(main, article, entry, !!timeline.find(article.dataset.entry ?? ""));
  },
  onChange: showCount,
});

const stream = share(coverage, {
  after: cursor,
  format: "html",
  silence: Number(silence),
  onEvent: take,
  onReset: reload,
  onState: tellState,
  onTime: (time) => {
    const isNews = !now();
    setClock(time);
    if (isNews) glance();
  },
});

/** @param {import("./journal.js").JournalEvent} event */
function take(event) {
  const { entry, details } = event;
  if (frozen === undefined || event.type === "entry.retracted") timeline.take(event);
  // The note on a retracted original has to go, also where nothing else changes.
  else if (entry?.translation_of?.outdated?.because === "retracted") {
    timeline.find(entry.id)?.querySelector(".reason")?.remove();
  }
  if (timeline.entries.length > TOO_LONG) {
    import("./trim.js").then(({ trim }) => trim(timeline));
  }
  if (figures && (!figures.hidden || entry?.figures?.length)) {
    import("./figures.js").then(({ follow }) => follow(figures, event, timeline));
  }
  const id = summary?.dataset.entry; // empty if there is none
  if (summary && (details ? (details.summary ?? "") !== id : entry?.id === id)) {
    import("./summary.js").then(({ follow }) => follow(summary, event, timeline, hold));
  }
  if (event.type !== "entry.retracted") return;
  // What the page tells search engines and other sites may hold retracted words.
  const told = 'script[type="application/ld+json"], meta[name=description], meta[property]';
  for (const element of document.querySelectorAll(told)) element.remove();
}

/** The journal cannot be resumed. Readers come back spread out, and none goes round in circles. */
function reload() {
  const pause = Date.now() - sessionStorage.reloaded < 60_000 ? LONGEST_PAUSE : 2_000;
  setTimeout(() => {
    sessionStorage.reloaded = `${Date.now()}`;
    location.reload();
  }, pause * Math.random());
}

/** The coverage is withdrawn, so the page keeps none of its words; loaded anew, it tells why. */
function leave() {
  main.replaceChildren(connection);
  document.title = connection.dataset.gone ?? "";
  reload();
}

/** @param {import("./journal.js").State} state */
function tellState(state) {
  if (!connection) return;
  told = state;
  if (state === "gone") leave();
  const isLive = state === "live" || state === "polling";
  if (isLive || state === "gone") {
    clearTimeout(notice);
    notice = undefined;
    showState((isLive && main.querySelector(".head").dataset.status) || state);
  } else notice ??= setTimeout(showState, PATIENCE, "reconnecting");
}

/** @param {string} state */
function showState(state) {
  if (connection.dataset.state === state) return;
  connection.dataset.state = state;
  connection.textContent = connection.dataset[state] ?? "";
  clearTimeout(saying);
  saying = setTimeout(sayState, CALM, state);
}

/** @param {string} state - That has lasted. */
function sayState(state) {
  if (said === state) return;
  said = state;
  timeline.status.textContent = connection.dataset[state === "live" ? "again" : state] ?? "";
}

/** @param {number} count - Of the entries that wait. */
function showCount(count) {
  const days = main.querySelector(".days");
  days.classList.toggle("long", days.querySelectorAll(".entry").length > LONG);
  measure();
  if (told) tellState(told); // the head says whether the coverage is closed
  // Only an entry's page has a chosen one.
  const chosen = main.matches(".coverage-entry") && main.querySelector(".chosen .entry");
  const titled = [chosen || undefined, main.querySelector(".head")];
  const words = titled.map((each) => each?.dataset.title).filter(Boolean).join(" – ");
  document.title = count ? `(${count}) ${words}` : words;
}

/**
 * Looks at the clock. Remembers, on the reader's device, how far they have come: what is on show is
 * not read yet. Tells what came while they were away.
 */
function look() {
  showAges(main);
  if (!since || !now()) return;
  const { cursor = stream.cursor ?? "", at = NaN } = left;
  const wasAway = now() - at >= AWAY;
  left = { cursor: wasAway || !since.hidden ? cursor : stream.cursor, at: now() };
  if (wasAway) {
    import("./since_you_left.js").then(({ showNews }) => showNews(main, timeline, cursor));
  }
  try {
    localStorage[key] = JSON.stringify(left);
  } catch {
    // Then only this page remembers it.
  }
}

/** What waited comes in where its place has come into view. */
function letIn() {
  if (timeline.count && timeline.mayComeIn) timeline.show();
}

/** What is held on top says whether there is more of it. */
function measure() {
  for (const held of main.querySelectorAll(".held")) {
    const frame = held.parentElement;
    if (frame?.querySelector(".more :checked")) continue;
    frame?.classList.toggle("short", held.scrollHeight <= held.clientHeight);
  }
}

/** @param {MouseEvent} event */
async function follow(event) {
  /** @type {HTMLAnchorElement | null} */
  const link = /** @type {Element} */ (event.target).closest?.("a.picture, a.playback, .share");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    const { open } = await (link.matches(".picture")
      ? import("./viewer.js")
      : link.matches(".share")
      ? import("./share.js")
      : import("./playback.js"));
    await open(link, main, timeline);
  } catch {
    if (link.href) location.assign(link.href);
  }
}

async function bringSteps() {
  const { step } = await import("./feed_keys.js");
  timeline.days.addEventListener("keydown", (event) => step(event, timeline, goTo));
}

new ResizeObserver(measure).observe(timeline.days);
document.addEventListener("scroll", letIn, { passive: true });
main.addEventListener("click", follow);
// Who presses a key may come to the timeline by it, and then wants to walk in it.
document.addEventListener("keydown", bringSteps, { once: true });
const glance = () => document.hidden || look();
setInterval(glance, BREATH);
document.addEventListener("visibilitychange", look);
addEventListener("pagehide", glance);
