/**
 * Puts a coverage's page together: its timeline, its stream, and what is told of both.
 *
 * The page carries the cursor of its moment; the stream goes on from there. All words stand in the
 * page, none here. Without this script the page is complete but still.
 */

import { glide } from "./glide.js";
import { keepMargins } from "./margins.js";
import { share } from "./tabs.js";
import { Timeline, goTo } from "./timeline.js";
import { setClock, tellAges } from "./times.js";

const PATIENCE = 6_000; // ms until readers are told: streams end now and then, and are back in 5 s
const LONGEST_PAUSE = 30_000; // ms until a page is loaded anew
const BREATH = 20_000; // ms between two looks at the clock

const AWAY = 60_000; // ms; who is back sooner has not left

const main = document.querySelector("main[data-coverage]");
// Neither is on a page of the past.
const connection = main.querySelector(".connection");
const since = main.querySelector(".since");
const { coverage, cursor, silence, latest, tag, keyEvents, lang, newest, frozen } = main.dataset;

let notice = null; // the timer until a lost line is told
let left = recall(); // {cursor, at}

const timeline = new Timeline(main, {
  isOpen: newest !== undefined,
  isFrozen: frozen !== undefined,
  accepts: (entry) =>
    (!tag || entry.tags.includes(tag)) &&
    (keyEvents === undefined || entry.key_event) &&
    (!lang || entry.language === lang),
  latest,
  move: (act) => glide(main, document.querySelectorAll(".foot"), act),
  onArticle: (article, entry) => keepMargins(main, article, entry, !!timeline.find(article.dataset.entry)),
  onChange: show,
});

const line = share(coverage, {
  after: cursor,
  format: "html",
  silence: Number(silence),
  onEvent: take,
  onReset: reload,
  onState: tellState,
});

function take(event) {
  timeline.take(event);
  if (event.type === "entry.retracted") forgetData();
  if (event.details) tellState("live");
}

/** What the page tells search engines and other sites may hold retracted words. */
function forgetData() {
  const told = 'script[type="application/ld+json"], meta[name=description], meta[property]';
  document.querySelectorAll(told).forEach((element) => element.remove());
}

/** The journal cannot be resumed. Readers come back spread out, and none goes round in circles. */
function reload() {
  const last = Number(sessionStorage.getItem("dateline-reload"));
  const pause = Date.now() - last < 60_000 ? LONGEST_PAUSE : 2_000;
  setTimeout(() => {
    sessionStorage.setItem("dateline-reload", String(Date.now()));
    location.reload();
  }, pause * Math.random());
}

function tellState(state) {
  if (!connection) return;
  const isLive = state === "live" || state === "polling";
  if (isLive || state === "gone") {
    clearTimeout(notice);
    notice = null;
    showState(isLive ? main.querySelector(".head").dataset.status : state);
  } else notice ??= setTimeout(showState, PATIENCE, "reconnecting");
}

function showState(state) {
  connection.dataset.state = state;
  connection.textContent = connection.dataset[state] ?? "";
}

function show() {
  tellAges(main);
  const headline = main.querySelector(".chosen .headline")?.textContent;
  const words = [headline, main.querySelector(".head").dataset.title].filter(Boolean).join(" – ");
  document.title = this.count ? `(${this.count}) ${words}` : words;
}

/** Remembers, on the reader's device, how far they have come; what is on show is not read yet. */
function leave() {
  if (!since) return;
  left = { cursor: left && !since.hidden ? left.cursor : line.cursor, at: Date.now() };
  recall(left);
}

async function comeBack() {
  tellAges(main);
  if (!since || !left || Date.now() - left.at < AWAY) return;
  const { welcomeBack } = await import("./since.js");
  welcomeBack(main, timeline, left.cursor, setClock);
}

/** What is remembered, or is to be; nothing where the browser keeps nothing. */
function recall(value) {
  const key = `dateline ${coverage}`;
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

async function enlarge(event) {
  const link = event.target.closest?.("a.picture");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  try {
    const { openGallery } = await import("./gallery.js");
    openGallery(link, main.querySelector("template.viewer-pattern"));
  } catch {
    location.assign(link.href);
  }
}

async function bringSteps() {
  const { step } = await import("./steps.js");
  timeline.days.addEventListener("keydown", (event) => step(event, timeline, goTo));
}

main.addEventListener("click", enlarge);
// Who presses a key may come to the timeline by it, and then wants to walk in it.
document.addEventListener("keydown", () => void bringSteps(), { once: true });
setInterval(() => document.hidden || tellAges(main), BREATH);
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
addEventListener("pagehide", leave);
comeBack();
