/**
 * What is not public yet: drafts, what was handed in, what is scheduled or just about to go out.
 *
 * The lists are read whole whenever something has changed, and put in the place of what is shown; what is
 * the same stays the same element, so that focus is kept.
 *
 * @typedef {import("./api.js").NewsroomEntry} Draft
 *
 * What has changed: how many drafts are handed in, and of one of them what it was and is.
 * @typedef {{submitted: number, was?: Partial<Draft>, is?: Draft}} News
 *
 * @typedef {object} Desk
 * @property {string} path - Of the coverage's API.
 * @property {boolean} isEditor
 * @property {string} caller - Who looks at it.
 * @property {number} delay - The safety delay, in milliseconds.
 * @property {(id: string) => string[]} editors - Names of others who edit an entry.
 * @property {(news: News) => void} onNews
 */

import { now, setClock } from "../clock.js";
import { request } from "./api.js";
import { categoryOf } from "./language.js";
import { showTime } from "./time_element.js";
import { due } from "./zoned_time.js";
import { showNames } from "./presence.js";

const SECOND = 1_000;
const FUSE = 10 * SECOND; // the last of a wait is seen burning down, with a way back
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Drafts {
  /** @type {Map<string, Draft>} */
  #drafts = new Map(); // by id, in the server's order
  /** @type {Record<string, string>} */
  #names = {}; // of authors
  /** @type {Map<string, HTMLElement>} */
  #items = new Map(); // by id
  #isKnown = false;
  /** @type {{again: boolean} | null} */
  #reading = null;

  /**
   * @param {HTMLElement} root - Holds the shelves and the pattern of an item.
   * @param {Desk} desk
   */
  constructor(root, desk) {
    this.root = root;
    this.desk = desk;
    /** @type {HTMLTemplateElement} */
    const { content } = root.querySelector("template#draft");
    this.pattern = content.querySelector("li");
    this.patterns = root.querySelector(".shelves");
    this.fuse = Math.max(FUSE, desk.delay);
    setInterval(() => this.#tick(), SECOND);
  }

  /** @param {string} id */
  get(id) {
    return this.#drafts.get(id);
  }

  /** Reads them; a call while it reads has it read once more. */
  async read() {
    if (this.#reading) {
      this.#reading.again = true;
      return;
    }
    const reading = { again: false };
    this.#reading = reading;
    try {
      this.#take(await request("GET", `${this.desk.path}/drafts`));
    } finally {
      this.#reading = null;
      if (reading.again) this.read().catch(() => {}); // it has changed meanwhile
    }
  }

  /** @param {{drafts: Draft[], names?: Record<string, string>, now: string}} list */
  #take({ drafts, names = {}, now: at }) {
    setClock(Date.parse(at));
    const before = this.#drafts;
    this.#drafts = new Map(drafts.map((draft) => [draft.id, draft]));
    this.#names = names;
    this.show();
    this.root.querySelector("[data-empty]").hidden = drafts.length > 0;
    const submitted = drafts.filter(({ submitted_at }) => submitted_at).length;
    const { onNews } = this.desk;
    onNews({ submitted });
    if (this.#isKnown) {
      for (const is of drafts) onNews({ submitted, was: before.get(is.id) ?? {}, is });
    }
    this.#isKnown = true;
  }

  /**
   * Who wrote a draft.
   *
   * @param {Draft} draft
   */
  author({ author }) {
    return this.#names[author] ?? "";
  }

  /** Shows what is there, each on its shelf. */
  show() {
    const focus = this.root.contains(document.activeElement) ? document.activeElement : null;
    const own = focus?.closest(".item");
    const place = own ? [...this.root.querySelectorAll(".item")].indexOf(own) : -1;
    for (const [id, item] of this.#items) {
      if (this.#drafts.has(id)) continue;
      item.remove();
      this.#items.delete(id);
    }
    for (const shelf of this.root.querySelectorAll("[data-shelf]")) this.#fill(shelf);
    if (!focus || focus === document.activeElement) return;
    // What had the focus was moved, or is gone: the one in its place takes it.
    const items = [...this.root.querySelectorAll(".item")];
    const next = focus.isConnected ? focus : (items[place] ?? items.at(-1) ?? this.root);
    /** @type {HTMLElement} */ (next).focus({ preventScroll: true });
  }

  /** @param {HTMLElement} shelf */
  #fill(shelf) {
    const { shelf: key = "" } = shelf.dataset;
    const list = shelf.querySelector("ul");
    const drafts = [...this.#drafts.values()].filter((draft) => this.#shelfOf(draft) === key);
    if (key === "scheduled") drafts.sort((one, other) => this.#left(one) - this.#left(other));
    drafts.forEach((draft, place) => {
      const item = this.#items.get(draft.id) ?? this.pattern.cloneNode(true);
      this.#items.set(draft.id, item);
      this.#write(item, draft, key);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    shelf.hidden = !drafts.length;
    for (const count of document.querySelectorAll(`[data-count="${key}"]`)) {
      count.textContent = drafts.length ? `${drafts.length}` : "";
    }
  }

  /** @param {Draft} draft */
  #shelfOf(draft) {
    if (draft.status === "scheduled") return this.#left(draft) <= this.fuse ? "held" : "scheduled";
    return draft.submitted_at ? "handed-in" : "own";
  }

  /** @param {Draft} draft */
  #left({ embargo_until }) {
    return Date.parse(embargo_until ?? "") - now();
  }

  /**
   * @param {HTMLElement} item
   * @param {Draft} draft
   * @param {string} key - Of the shelf.
   */
  #write(item, draft, key) {
    const find = (/** @type {string} */ selector) => item.querySelector(selector);
    const isOwn = draft.author === this.desk.caller;
    const title = draft.title ?? "";
    item.dataset.entry = draft.id;
    item.lang = draft.language;
    item.setAttribute("aria-label", title);
    find(".author").textContent = isOwn ? "" : this.author(draft);
    showTime(find(".saved"), draft.submitted_at ?? draft.updated_at);
    find(".item-title").textContent = title;
    find(".item-words").textContent = (draft.headline && draft.summary) || "";
    const { returned } = draft;
    find(".returned").hidden = !returned || Boolean(draft.submitted_at);
    find(".by").textContent = returned?.by ?? "";
    find(".returned .note").textContent = returned?.note ?? "";
    this.tellEditors(item, draft.id);
    this.#offer(item, draft, key);
    this.#wait(item, draft, key);
  }

  /**
   * @param {HTMLElement} item
   * @param {string} id
   */
  tellEditors(item, id) {
    showNames(item.querySelector(".editing"), this.desk.editors(id));
  }

  /**
   * @param {HTMLElement} item
   * @param {Draft} draft
   * @param {string} key
   */
  #offer(item, draft, key) {
    const { isEditor } = this.desk;
    const isWaiting = draft.status === "scheduled";
    const isHandedIn = Boolean(draft.submitted_at);
    const isInHand = isEditor || !(isHandedIn || isWaiting);
    /** @type {Record<string, boolean>} */
    const offered = {
      open: isInHand && key !== "held",
      publish: key !== "held",
      return: isHandedIn && !isWaiting,
      submit: !isHandedIn && !isWaiting,
      withdraw: isHandedIn && !isWaiting,
      undo: isWaiting && isEditor,
      delete: isInHand && !isWaiting,
    };
    for (const button of item.querySelectorAll("[data-act]")) {
      button.hidden = !offered[button.dataset.act ?? ""];
    }
  }

  /**
   * @param {HTMLElement} item
   * @param {Draft} draft
   * @param {string} key
   */
  #wait(item, draft, key) {
    const wait = item.querySelector(".due");
    wait.hidden = draft.status !== "scheduled";
    const fuse = item.querySelector(".fuse");
    fuse.hidden = key !== "held";
    if (wait.hidden) return;
    const left = Math.max(0, this.#left(draft));
    showTime(wait.querySelector("time"), draft.embargo_until ?? "", due);
    wait.querySelector(".countdown").textContent = this.#inWords(left);
    if (fuse.hidden || calm.matches) return;
    const [rest] = fuse.children;
    const frames = { transform: ["scaleX(1)", "scaleX(0)"] };
    /** @type {KeyframeAnimationOptions} */
    const timing = { duration: this.fuse, fill: "both" };
    const [burning = rest.animate(frames, timing)] = rest.getAnimations();
    // Where the clock was set meanwhile it burns on from there.
    const gone = Math.max(0, this.fuse - left);
    if (Math.abs(Number(burning.currentTime) - gone) > SECOND) burning.currentTime = gone;
  }

  /** @param {number} ms - Until something happens. */
  #inWords(ms) {
    const seconds = Math.ceil(ms / SECOND);
    const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
    const count = Math.round(seconds / size);
    const pattern = this.patterns.getAttribute(`data-${unit}-${categoryOf(count)}`) ?? "";
    return pattern.replace("#", `${count}`);
  }

  #tick() {
    const waiting = [...this.#drafts.values()].filter(({ status }) => status === "scheduled");
    if (!waiting.length || document.hidden) return;
    this.show();
    // Once it is out the journal says so; if that was missed, the list knows.
    if (waiting.some((draft) => this.#left(draft) < -2 * SECOND)) this.read().catch(() => {});
  }
}

/** @type {[string, number][]} */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
