/**
 * Keeps a coverage's page as it would be if it were loaded anew.
 *
 * The page carries the cursor of its moment; the stream goes on from there, and each of its events
 * brings the server's own HTML, which takes the place of what is shown. Corrections and retractions
 * are applied at once. New entries come in while the reader looks at the top of the timeline; else
 * they wait behind a button, so that nothing moves under the eyes of somebody who reads.
 *
 * All words stand in the page, none here. Without this script the page is complete but still.
 */

const PATIENCE = 6_000; // ms until readers are told: streams end now and then, and are back in 5 s
const LONGEST_PAUSE = 30_000; // ms between two attempts
const QUIET = 10_000; // ms between two announcements

const main = document.querySelector("main[data-coverage]");
const days = main.querySelector(".days");
const connection = main.querySelector(".connection");
const button = main.querySelector(".waiting button");
const status = main.querySelector("[role=status]");
const pinned = main.querySelector(".pinned"); // null on pages that are not the newest
const keyEvents = main.querySelector(".key-events");
const isNewest = "newest" in main.dataset; // new entries belong on top of this page

const plural = new Intl.PluralRules(document.documentElement.lang || "en");
const waiting = new Map(); // entries that the reader has not been shown yet: id to article

// The stream

let cursor = main.dataset.cursor;
let source = null;
let failures = 0;
let [notice, retry] = [null, null]; // timers

function open() {
  source?.close();
  source = new EventSource(`/v1${main.dataset.page}/events?format=html&after=${cursor}`);
  source.onopen = connected;
  source.onerror = lost;
  source.onmessage = ({ data, lastEventId }) => take(JSON.parse(data), lastEventId);
  source.addEventListener("reset", reload);
}

function close() {
  clearTimeout(retry);
  clearTimeout(notice);
  notice = null;
  source?.close();
}

function connected() {
  clearTimeout(notice);
  notice = null;
  failures = 0;
  tellState();
}

/** Says so when it lasts, and tries again where the browser has given up. */
function lost() {
  notice ??= setTimeout(() => tellState("reconnecting"), PATIENCE);
  if (source.readyState !== EventSource.CLOSED) return;
  failures += 1;
  const pause = Math.min(LONGEST_PAUSE, 1_000 * 2 ** failures);
  clearTimeout(retry);
  retry = setTimeout(open, pause * (0.5 + Math.random() / 2));
}

/** The journal cannot be resumed. Readers come back spread out, and none goes round in circles. */
function reload() {
  close();
  const last = Number(sessionStorage.getItem("dateline-reload"));
  const pause = Date.now() - last < 60_000 ? LONGEST_PAUSE : 2_000;
  retry = setTimeout(() => {
    sessionStorage.setItem("dateline-reload", String(Date.now()));
    location.reload();
  }, pause * Math.random());
}

// Events

function take(event, id) {
  cursor = id || event.cursor;
  if (!event.html) return; // an event of a kind that this page does not know
  keepStill(() => (event.details ? takeDetails(event) : takeEntry(event)));
  tellTitle();
}

function takeEntry(event) {
  const article = parse(event.html);
  if (event.type === "entry.published" && !find(event.entry.id)) arrive(article);
  else replace(article);
  showPinned(event, article);
  listKeyEvent(article);
  if (event.type === "entry.retracted") forgetData();
}

function takeDetails({ html }) {
  main.querySelector(".head").replaceWith(parse(html));
  tellState();
}

/** What the page tells search engines may hold retracted words. */
function forgetData() {
  const told = 'script[type="application/ld+json"], meta[property^="og:"]';
  document.querySelectorAll(told).forEach((element) => element.remove());
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

const find = (id) => document.getElementById(`entry-${id}`);

/** A new entry: shown if the reader looks at the top of the newest page, else it waits. */
function arrive(article) {
  waiting.set(article.dataset.entry, article);
  announce();
  if (mayComeIn()) comeIn();
  else tellCount();
}

function mayComeIn() {
  return (
    isNewest &&
    document.visibilityState === "visible" &&
    isAtTop() &&
    !days.querySelector(":focus-visible") &&
    !isSelecting()
  );
}

function isAtTop() {
  const first = days.querySelector(".entry");
  return !first || first.getBoundingClientRect().top >= 0;
}

function isSelecting() {
  const selection = getSelection();
  return !selection.isCollapsed && days.contains(selection.anchorNode);
}

/** Shows all that waits; gives the newest of it. */
function comeIn() {
  const articles = [...waiting.values()];
  waiting.clear();
  withoutAnchoring(() => articles.forEach(show));
  main.querySelector(".timeline > .empty")?.remove();
  tellCount();
  return articles.at(-1);
}

function show(article) {
  feedOf(article).prepend(article);
  article.classList.add("arrived");
  listKeyEvent(article);
}

/** The feed of the day on which an entry was published, made if the page does not have it yet. */
function feedOf(article) {
  const time = article.querySelector(".permalink time");
  const date = time.dateTime.slice(0, 10);
  const first = days.firstElementChild;
  if (first?.dataset.day === date) return first.querySelector(".feed");
  const day = main.querySelector("#day").content.firstElementChild.cloneNode(true);
  const heading = day.querySelector(".day-name");
  day.dataset.day = date;
  heading.id += article.dataset.seq;
  heading.firstElementChild.dateTime = date;
  heading.firstElementChild.textContent = time.querySelector(".date").textContent;
  const feed = day.querySelector(".feed");
  feed.setAttribute("aria-labelledby", heading.id);
  feed.replaceChildren();
  days.prepend(day);
  return feed;
}

/** Puts an entry's new state in the place of the old one, wherever that is. */
function replace(article) {
  const id = article.dataset.entry;
  if (waiting.has(id)) waiting.set(id, article);
  const old = find(id);
  if (!old || old.isEqualNode(article)) return;
  keepFocus(old, article, () => old.replaceWith(article));
}

function keepFocus(old, article, change) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = [...old.querySelectorAll("a, button, video")].indexOf(focused);
  change();
  if (!focused) return;
  const successor = article.querySelectorAll("a, button, video")[place] ?? article;
  successor.focus({ preventScroll: true });
}

/** What the reader reads stays where it is, whatever grows or shrinks above. */
function keepStill(change) {
  if (isAtTop()) return change();
  const entries = [...days.querySelectorAll(".entry")];
  const { id } = entries.find((entry) => entry.getBoundingClientRect().bottom > 0) ?? {};
  const top = () => document.getElementById(id)?.getBoundingClientRect().top ?? 0;
  const before = top();
  withoutAnchoring(change);
  scrollBy({ top: top() - before, behavior: "instant" });
}

/** Not every browser keeps the reader's place, and one that does would add to what is done here. */
function withoutAnchoring(change) {
  const { style } = document.documentElement;
  style.overflowAnchor = "none";
  change();
  requestAnimationFrame(() => requestAnimationFrame(() => (style.overflowAnchor = "")));
}

// The pinned entry, and the list of key events

function showPinned(event, article) {
  if (!pinned) return;
  const place = pinned.querySelector(".pinned-entry");
  const held = place.querySelector(".entry")?.dataset.entry;
  if (!event.entry.pinned && held !== event.entry.id) return;
  pinned.hidden = !event.entry.pinned;
  place.replaceChildren(...(event.entry.pinned ? [copyOf(article)] : []));
}

/** An entry once more: ids must not be on a page twice. */
function copyOf(article) {
  const copy = article.cloneNode(true);
  for (const element of [copy, ...copy.querySelectorAll("[id]")]) element.removeAttribute("id");
  copy.removeAttribute("aria-labelledby");
  return copy;
}

function listKeyEvent(article) {
  const { entry: id, keyEvent: words } = article.dataset;
  const list = keyEvents.querySelector("ol");
  const time = article.querySelector(".permalink time");
  [...list.children].find((item) => item.dataset.entry === id)?.remove();
  if (words !== undefined) {
    const item = keyEvents.querySelector("template").content.firstElementChild.cloneNode(true);
    const link = item.querySelector("a");
    item.dataset.entry = id;
    link.href = find(id) ? `#entry-${id}` : article.querySelector(".permalink").href;
    link.querySelector(".turn").textContent = words;
    link.prepend(time.cloneNode(true), " ");
    const older = [...list.children].find((i) => i.querySelector("time").dateTime <= time.dateTime);
    list.insertBefore(item, older ?? null);
  }
  keyEvents.hidden = !list.children.length;
}

// What readers are told

function tellState(state = main.querySelector(".head").dataset.status) {
  connection.dataset.state = state;
  connection.textContent = connection.dataset[state] ?? "";
  connection.hidden = false;
}

function tellCount() {
  button.hidden = waiting.size === 0;
  button.textContent = inWords(waiting.size);
  tellTitle();
}

function tellTitle() {
  const headline = main.querySelector(".chosen .headline")?.textContent;
  const words = [headline, main.querySelector(".head").dataset.title].filter(Boolean);
  document.title = (waiting.size ? `(${waiting.size}) ` : "") + words.join(" – ");
}

function inWords(count) {
  const words = button.dataset[plural.select(count)] ?? button.dataset.other;
  return words.replace("#", String(count));
}

const announced = { unsaid: 0, at: 0, timer: null };

/** Says how many entries are new, never their text, and not too often. */
function announce() {
  announced.unsaid += 1;
  const pause = Math.max(0, QUIET - (Date.now() - announced.at));
  announced.timer ??= setTimeout(() => {
    status.textContent = inWords(announced.unsaid);
    Object.assign(announced, { unsaid: 0, at: Date.now(), timer: null });
  }, pause);
}

function showWaiting() {
  if (!isNewest) return location.assign(main.dataset.page);
  const newest = comeIn();
  newest.focus({ preventScroll: true });
  newest.scrollIntoView({ block: "start", behavior: "instant" });
}

button.addEventListener("click", showWaiting);
addEventListener("pagehide", close);
addEventListener("pageshow", (event) => event.persisted && open());
open();
