/**
 * A coverage's timeline, kept as it would be if it were loaded anew.
 *
 * Each event brings the server's own HTML, which takes the place of what is shown. Corrections and
 * retractions are applied at once. New entries come in while the reader looks at the top of the
 * timeline; else they wait behind a button, so that nothing moves under the eyes of who reads.
 * All words stand in the page.
 */

import { patch } from "./patch.js";
import { keepStill } from "./stillness.js";

const QUIET = 10_000; // ms between two announcements
const MARKED = 4_000; // ms that a change is marked as just made
const NEWS = ["published", "corrected", "retracted"];

export class Timeline {
  #waiting = new Map(); // entries that the reader has not been shown yet: id to article
  #unsaid = {}; // how many there are of each kind of news
  #saidAt = -QUIET;
  #events = []; // that are not folded in yet
  #moving; // while what is shown moves
  #saying;

  /**
   * @param {Element|ShadowRoot} root - Holds `.days`, the button, the status and the head, all as
   *   the page's template has them.
   * @param {object} [options]
   * @param {boolean} [options.isOpen] - New entries belong on top; else the button leads to them.
   * @param {boolean} [options.isFrozen] - It shows the past, which only retractions change.
   * @param {(entry: object) => boolean} [options.accepts] - Whether an entry belongs to it.
   * @param {(element: Element) => void} [options.prepare] - Is given each before it is shown.
   * @param {string} [options.latest] - Where the button leads.
   * @param {(act: () => void) => Promise?} [options.move] - Makes a change, which may
   *   last until all is still.
   * @param {(article: Element, entry?: object) => void} [options.onArticle] - Gets each article that
   *   an event has brought, and again when it is shown.
   * @param {() => void} [options.onChange] - Is called when what is shown has changed.
   */
  constructor(root, options) {
    Object.assign(this, { root, accepts: () => true, move: (act) => act(), ...options });
    this.days = root.querySelector(".days");
    this.button = root.querySelector(".waiting button");
    this.status = root.querySelector("[role=status]");
    this.lang = this.days.closest("[lang]")?.lang || "en";
    this.plural = new Intl.PluralRules(this.lang);
    this.button.addEventListener("click", () => this.#leadOn());
    this.#settle();
  }

  /** How many new entries wait. */
  get count() {
    return this.#waiting.size;
  }

  /** The articles shown, from the top. */
  get entries() {
    return [...this.days.querySelectorAll(".entry")];
  }

  find(id) {
    return this.entries.find(({ dataset }) => dataset.entry === id);
  }

  /** Folds an event of the journal in: at once, or when what the last one moved is still. */
  take(event) {
    const { type, html } = event;
    if (!html || (this.isFrozen && type !== "entry.retracted")) return;
    this.#events.push(event);
    if (!this.#moving) this.#fold();
  }

  #fold() {
    const events = this.#events.splice(0);
    this.#moving = null;
    if (!events.length) return;
    const mayComeIn = this.#mayComeIn();
    const change = this.#change(!mayComeIn, () => {
      for (const event of events) this.#takeOne(event);
      if (mayComeIn) this.#letIn();
    });
    this.#moving = change.finally(() => this.#fold());
  }

  /** Shows all that waits; gives the newest of it. */
  show() {
    let newest;
    this.#change(!this.#isAtTop, () => (newest = this.#letIn()));
    return newest;
  }

  #letIn() {
    const articles = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const article of articles) this.#insert(article);
    return articles.at(-1);
  }

  #takeOne({ type, entry, html }) {
    const element = parse(html);
    this.prepare?.(element);
    if (entry) this.#takeEntry(type.slice("entry.".length), entry, element);
    else patch(this.root.querySelector(".head") ?? element, element);
  }

  /** Says how many there are of something. */
  words(kind, count) {
    const words = (category) => this.status.getAttribute(`data-${kind}-${category}`);
    return (words(this.plural.select(count)) ?? words("other") ?? "").replace("#", count);
  }

  async #change(isHeld, act) {
    for (const feed of this.#feeds) feed.ariaBusy = "true";
    const held = isHeld && this.entries;
    await this.move(() => keepStill(held, () => (act(), this.#settle())));
    // The last frame of it is painted before the next task begins.
    await new Promise((next) => setTimeout(next));
    for (const feed of this.#feeds) feed.removeAttribute("aria-busy");
  }

  get #feeds() {
    return [...this.days.querySelectorAll("[role=feed]")];
  }

  /** Tells what follows from what is shown: places, times, and how many wait. */
  #settle() {
    for (const feed of this.#feeds) {
      [...feed.querySelectorAll(".entry")].forEach((article, place) => {
        article.ariaPosInSet = place + 1;
        article.ariaSetSize = -1;
      });
    }
    this.button.hidden = !this.count;
    this.button.textContent = this.words("published", this.count);
    this.onChange?.();
  }

  #takeEntry(kind, entry, article) {
    const { id } = entry;
    const shown = this.find(id);
    if (kind === "retracted") this.#forget(id);
    this.onArticle?.(article, entry);
    const isKnown = shown || this.#waiting.has(id);
    if (!isKnown && !(kind === "published" && this.accepts(entry))) return;
    if (NEWS.includes(kind)) this.#announce(kind);
    if (!shown) return this.#waiting.set(id, article);
    const isFocused = shown.matches(":focus-within");
    patch(shown, article);
    if (isFocused && !shown.matches(":focus-within")) shown.focus({ preventScroll: true });
    if (kind !== "published" && NEWS.includes(kind)) mark(shown, "changed");
  }

  /** Takes what was retracted out of every other place: lists, the copy, an open gallery. */
  #forget(id) {
    for (const each of this.root.querySelectorAll("[data-entry]")) {
      if (each.dataset.entry === id && !this.days.contains(each)) each.remove();
    }
  }

  get #isAtTop() {
    return !(this.entries[0]?.getBoundingClientRect().top < 0);
  }

  #mayComeIn() {
    const selection = getSelection();
    const isSelecting = !selection.isCollapsed && this.days.contains(selection.anchorNode);
    const isLooking = document.visibilityState === "visible" && this.#isAtTop;
    const isBusy = isSelecting || this.days.querySelector(":focus-visible");
    return this.isOpen && isLooking && !isBusy;
  }

  #insert(article) {
    const { seq, day } = article.dataset;
    const older = this.entries.find(({ dataset }) => Number(dataset.seq) < seq);
    let section = [...this.days.children].find(({ dataset }) => dataset.day === day);
    if (!section) {
      section = this.#begin(article, article.querySelector(".permalink time"));
      this.days.insertBefore(section, older?.closest(".day") ?? null);
    }
    const feed = section.querySelector(".feed");
    feed.insertBefore(article, feed.contains(older ?? null) ? older : null);
    this.onArticle?.(article);
    this.root.querySelector(".empty")?.remove();
    mark(article, "arrived");
  }

  /** The section of an entry's day, without the entry. */
  #begin({ lang, dataset: { day, seq } }, time) {
    const { content } = this.root.querySelector("template.day-pattern");
    const section = content.firstElementChild.cloneNode(true);
    const name = section.querySelector(".day-name");
    const told = name.firstElementChild;
    section.dataset.day = told.dateTime = day;
    // The title ends in the clock, behind the last comma.
    told.textContent = time.title.slice(0, time.title.lastIndexOf(", "));
    if (lang !== this.lang) told.lang = lang;
    name.id = `day-${seq}`;
    section.querySelector(".feed").setAttribute("aria-labelledby", name.id);
    return section;
  }

  /** Says how much is new, never what, and not too often. */
  #announce(kind) {
    this.#unsaid[kind] = (this.#unsaid[kind] ?? 0) + 1;
    this.#saying ??= setTimeout(
      () => {
        const told = Object.entries(this.#unsaid).map((news) => this.words(...news));
        this.status.textContent = told.join(", ");
        this.#unsaid = {};
        this.#saidAt = performance.now();
        this.#saying = null;
      },
      this.#saidAt + QUIET - performance.now(),
    );
  }

  #leadOn() {
    const { href } = new URL(this.latest ?? "", location);
    if (this.isOpen) goTo(this.show());
    // Of a page that a browser has it may show the copy first, unless it is told to load it anew.
    else if (href === location.href) location.reload();
    else location.assign(href);
  }
}

function mark(article, name) {
  article.classList.add(name);
  setTimeout(() => article.classList.remove(name), MARKED);
}

export function goTo(article) {
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: "start", behavior: "instant" });
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}
