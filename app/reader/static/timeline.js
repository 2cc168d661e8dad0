/**
 * A coverage's timeline, kept as it would be if it were loaded anew.
 *
 * Each event brings the server's own HTML, which takes the place of what is shown. Corrections and
 * retractions are applied at once. New entries come in while the reader looks at the top of the
 * timeline; else they wait behind a button, so that nothing moves under the eyes of who reads, and
 * nothing counts as seen that is out of view.
 * All words stand in the page.
 */

import { changeOf } from "./event_change.js";
import { NewUpdatesButton } from "./new_updates.js";
import { patch } from "./patch.js";
import { categoryOf } from "./plural.js";
import { anchorScroll } from "./scroll_anchor.js";

const QUIET = 10_000; // ms between two announcements
const MARKED = 4_000; // ms that a change is marked as just made
const UNMARKED = ["published", "amended", "pinned", "unpinned"];

/** @typedef {import("./journal.js").JournalEvent} JournalEvent */

/**
 * @typedef {object} Options
 * @property {boolean} [isOpen] - New entries belong on top; else the button leads to them.
 * @property {boolean} [isFrozen] - It shows the past: it is given retractions only.
 * @property {(entry: import("./journal.js").Entry) => boolean} [accepts] - Whether an entry belongs
 *   to it.
 * @property {(element: HTMLElement) => void} [prepare] - Is given each before it is shown.
 * @property {string} [latest] - Where the button leads.
 * @property {(act: () => void) => Promise<unknown> | void} [move] - Makes a change, which may last
 *   until all is still.
 * @property {(article: HTMLElement, entry?: import("./journal.js").Entry) => void} [onArticle] -
 *   Gets each article that an event has brought, and again when it is shown.
 * @property {(count: number) => void} [onChange] - Is called when what is shown has changed, with
 *   how many new entries wait.
 */

export class Timeline {
  /** @type {Map<string, HTMLElement>} */
  #waiting = new Map(); // articles that the reader has not been shown yet, by the entry's id
  /** @type {Record<string, number>} */
  #unsaid = {}; // how many there are of each kind of news
  #saidAt = -QUIET;
  /** @type {JournalEvent[]} */
  #events = []; // that are not folded in yet
  /** @type {Promise<void> | null} */
  #moving = null; // while what is shown moves
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saying;

  /**
   * @param {HTMLElement|ShadowRoot} root - Holds `.days`, the button, the status and the head, all as
   *   the page's template has them.
   * @param {Options} options
   */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.days = root.querySelector(".days");
    this.newUpdates = new NewUpdatesButton(
      root.querySelector(".waiting button"),
      options.latest ?? "",
      () => (this.isOpen ? this.show() : undefined),
    );
    this.status = root.querySelector(".unseen");
    this.isOpen = options.isOpen;
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

  /** @param {string} id - Of an entry. */
  find(id) {
    return this.days.querySelector(`#entry-${CSS.escape(id)}`);
  }

  /**
   * Folds an event of the journal in: at once, or when what the last one moved is still.
   *
   * @param {JournalEvent} event
   */
  take(event) {
    if (!event.html) return;
    this.#events.push(event);
    if (!this.#moving) this.#fold();
  }

  #fold() {
    const events = this.#events.splice(0);
    this.#moving = null;
    if (!events.length) return;
    const mayComeIn = this.mayComeIn;
    const change = this.#change(!mayComeIn, () => {
      for (const event of events) this.#takeOne(event);
      if (mayComeIn) this.#letIn();
    });
    this.#moving = change.finally(() => this.#fold());
  }

  /** Shows all that waits; gives the newest of it. */
  show() {
    /** @type {HTMLElement | undefined} */
    let newest;
    this.#change(!this.#isAtTop, () => (newest = this.#letIn()));
    return newest;
  }

  #letIn() {
    const { entries } = this;
    const articles = [...this.#waiting.values()].reverse();
    this.#waiting.clear();
    for (const article of articles) this.#insert(article, entries);
    // More are not seen.
    for (const article of articles.slice(0, 20)) mark(article, "arrived");
    if (articles[0]) this.root.querySelector(".empty")?.remove();
    return articles[0];
  }

  /** @param {JournalEvent} event */
  #takeOne(event) {
    const { kind, entry, details } = changeOf(event);
    const element = parse(event.html);
    if (!element) return;
    this.options.prepare?.(element);
    if (entry) this.#takeEntry(kind, entry, element, event.seq);
    else if (details) patch(this.root.querySelector(".head") ?? element, element);
  }

  /**
   * Says how many there are of something.
   *
   * @param {string} kind
   * @param {number} count
   */
  words(kind, count) {
    const category = categoryOf(count, this.status.dataset.plurals);
    const words = this.status.getAttribute(`data-${kind}-${category}`);
    return words?.replace("#", `${count}`) ?? "";
  }

  /**
   * @param {boolean} isHeld - What is read must not move.
   * @param {() => void} act
   */
  async #change(isHeld, act) {
    for (const feed of this.#feeds) feed.ariaBusy = "true";
    const held = isHeld && this.entries;
    const { move = (/** @type {() => void} */ change) => change() } = this.options;
    await move(() => anchorScroll(held, () => (act(), this.#settle())));
    // The last frame of it is painted before the next task begins.
    await new Promise((next) => setTimeout(next));
    for (const feed of this.#feeds) feed.removeAttribute("aria-busy");
  }

  get #feeds() {
    return [...this.days.querySelectorAll(".feed[role]")];
  }

  /** Tells what follows from what is shown: places, times, and how many wait. */
  #settle() {
    for (const feed of this.#feeds) {
      [...feed.children].forEach((article, place) => {
        if (article.ariaPosInSet === `${place + 1}`) return;
        article.ariaPosInSet = `${place + 1}`;
        article.ariaSetSize ??= "-1";
      });
    }
    this.newUpdates.set(this.count, this.words("published", this.count));
    this.options.onChange?.(this.count);
  }

  /**
   * @param {string} kind
   * @param {import("./journal.js").Entry} entry
   * @param {HTMLElement} article
   * @param {number} seq - Of the event; an entry has that of its publication.
   */
  #takeEntry(kind, entry, article, seq) {
    const { id } = entry;
    const { accepts, onArticle } = this.options;
    const shown = this.find(id);
    if (kind === "retracted") this.#forget(id);
    onArticle?.(article, entry);
    const isNew = seq === entry.seq && accepts?.(entry) !== false;
    if (!shown && !isNew && !this.#waiting.has(id)) return;
    if (kind === "assessed" && article.querySelector("[data-news]")) kind = "contested";
    if (this.words(kind, 1)) this.#announce(kind);
    if (!shown) return void this.#waiting.set(id, article);
    const isFocused = shown.matches(":focus-within");
    patch(shown, article);
    if (isFocused && !shown.matches(":focus-within")) shown.focus({ preventScroll: true });
    if (!UNMARKED.includes(kind)) mark(shown, "changed");
  }

  /**
   * Takes what was retracted out of every other place: lists, the copy, an open viewer.
   *
   * @param {string} id
   */
  #forget(id) {
    for (const each of this.root.querySelectorAll("[data-entry]")) {
      if (each.dataset.entry === id && !this.days.contains(each)) each.remove();
    }
  }

  /** Whether the place of new entries is in view. */
  get #isAtTop() {
    const { top } = (this.entries[0] ?? this.days).getBoundingClientRect();
    return top >= 0 && top < innerHeight;
  }

  /** Whether new entries disturb nobody, and are seen. */
  get mayComeIn() {
    const selection = getSelection();
    const isSelecting = selection && !selection.isCollapsed &&
      this.days.contains(selection.anchorNode);
    const isLooking = document.visibilityState === "visible" && this.#isAtTop;
    const isBusy = isSelecting || this.days.querySelector(":focus-visible");
    return this.isOpen && isLooking && !isBusy;
  }

  /**
   * @param {HTMLElement} article - Newer than what is inserted after it.
   * @param {HTMLElement[]} entries - Those that were shown before.
   */
  #insert(article, entries) {
    const { seq, day } = article.dataset;
    const older = entries.find(({ dataset }) => Number(dataset.seq) < Number(seq));
    const sections = /** @type {HTMLElement[]} */ ([...this.days.children]);
    let section = sections.find(({ dataset }) => dataset.day === day);
    if (!section) {
      section = this.#begin(article);
      this.days.insertBefore(section, older?.closest(".day") ?? null);
    }
    const feed = section.querySelector(".feed");
    feed.insertBefore(article, older && feed.contains(older) ? older : null);
    this.options.onArticle?.(article);
  }

  /**
   * The section of an entry's day, without the entry.
   *
   * @param {HTMLElement} article
   */
  #begin({ lang, dataset: { day = "", dayName = day, seq } }) {
    /** @type {HTMLTemplateElement} */
    const { content } = this.root.querySelector("template.day-pattern");
    const section = content.querySelector("section").cloneNode(true);
    const name = section.querySelector(".day-name");
    const told = name.querySelector("time");
    section.dataset.day = told.dateTime = day;
    told.textContent = dayName;
    told.lang = lang;
    name.id = `day-${seq}`;
    section.querySelector(".feed").setAttribute("aria-labelledby", name.id);
    return section;
  }

  /**
   * Says how much is new, never what, and not too often.
   *
   * @param {string} kind
   */
  #announce(kind) {
    this.#unsaid[kind] = (this.#unsaid[kind] ?? 0) + 1;
    this.#saying ??= setTimeout(
      () => {
        const told = Object.entries(this.#unsaid).map((news) => this.words(...news));
        this.status.textContent = told.join(", ");
        this.#unsaid = {};
        this.#saidAt = performance.now();
        this.#saying = undefined;
      },
      this.#saidAt + QUIET - performance.now(),
    );
  }
}

/**
 * @param {HTMLElement} article
 * @param {string} name
 */
function mark(article, name) {
  article.classList.add(name);
  setTimeout(() => article.classList.remove(name), MARKED);
}

/** @param {string | undefined} html */
function parse(html = "") {
  const template = document.createElement("template");
  template.innerHTML = html;
  return /** @type {HTMLElement | null} */ (template.content.firstElementChild);
}
