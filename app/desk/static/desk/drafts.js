/**
 * What is not public yet: drafts, what was handed in, what is scheduled or just about to go out.
 *
 * The lists are read whole whenever the bell rings, and put in the place of what is shown; what is
 * the same stays the same element, so that focus is kept.
 */

import { now, setClock } from "../times.js";
import { ask } from "./api.js";
import { due } from "./moments.js";
import { tell } from "./texts.js";
import { tellNames } from "./visits.js";

const SECOND = 1_000;
const FUSE = 10 * SECOND; // the last of a wait is seen burning down, with a way back
const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Drafts {
  #drafts = new Map(); // by id, in the server's order
  #names = {}; // of authors
  #items = new Map();
  #isKnown = false;
  #reading;

  /**
   * @param {Element} root - Holds the shelves and the pattern of an item.
   * @param {object} desk
   * @param {string} desk.path - Of the coverage's API.
   * @param {boolean} desk.isEditor
   * @param {string} desk.caller - Who looks at it.
   * @param {number} desk.delay - The safety delay, in milliseconds.
   * @param {(id: string) => string[]} desk.editors - Names of others who edit an entry.
   * @param {(news: {submitted: number, was?: object, is?: object}) => void} desk.onNews
   */
  constructor(root, desk) {
    Object.assign(this, desk, { root });
    this.pattern = root.querySelector("template#draft").content.firstElementChild;
    this.fuse = Math.max(FUSE, desk.delay);
    setInterval(() => this.#tick(), SECOND);
  }

  get(id) {
    return this.#drafts.get(id);
  }

  /** Reads them; a call while it reads has it read once more. */
  async read() {
    if (this.#reading) return (this.#reading.again = true);
    this.#reading = {};
    try {
      const { data } = await ask("GET", `${this.path}/drafts`);
      this.#take(data);
    } finally {
      const { again } = this.#reading;
      this.#reading = null;
      if (again) this.read().catch(() => {}); // the bell rings again
    }
  }

  #take({ drafts, names = {}, now: at }) {
    setClock(Date.parse(at));
    const before = this.#drafts;
    this.#drafts = new Map(drafts.map((draft) => [draft.id, draft]));
    this.#names = names;
    this.show();
    this.root.querySelector("[data-empty]").hidden = drafts.length > 0;
    const submitted = drafts.filter(({ submitted_at }) => submitted_at).length;
    this.onNews({ submitted });
    if (this.#isKnown) {
      for (const is of drafts) this.onNews({ submitted, was: before.get(is.id) ?? {}, is });
    }
    this.#isKnown = true;
  }

  /** Who wrote a draft. */
  author({ author }) {
    return this.#names[author] ?? "";
  }

  /** Shows what is there, each on its shelf. */
  show() {
    const focus = this.root.contains(document.activeElement) ? document.activeElement : null;
    const place = [...this.root.querySelectorAll(".item")].indexOf(focus?.closest(".item"));
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
    next.focus({ preventScroll: true });
  }

  #fill(shelf) {
    const { shelf: key } = shelf.dataset;
    const list = shelf.querySelector("ul");
    const drafts = [...this.#drafts.values()].filter((draft) => this.#shelfOf(draft) === key);
    if (key === "scheduled") drafts.sort((a, b) => a.embargo_until.localeCompare(b.embargo_until));
    drafts.forEach((draft, place) => {
      const item = this.#items.get(draft.id) ?? this.pattern.cloneNode(true);
      this.#items.set(draft.id, item);
      this.#write(item, draft, key);
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] ?? null);
    });
    shelf.hidden = !drafts.length;
    for (const count of document.querySelectorAll(`[data-count="${key}"]`)) {
      count.textContent = drafts.length || "";
    }
  }

  #shelfOf(draft) {
    if (draft.status === "scheduled") return this.#left(draft) <= this.fuse ? "held" : "scheduled";
    return draft.submitted_at ? "handed-in" : "own";
  }

  #left({ embargo_until }) {
    return Date.parse(embargo_until) - now();
  }

  #write(item, draft, key) {
    const find = (selector) => item.querySelector(selector);
    const isOwn = draft.author === this.caller;
    const title = draft.title ?? "";
    item.dataset.entry = draft.id;
    item.lang = draft.language;
    item.setAttribute("aria-label", title);
    find(".author").textContent = isOwn ? "" : this.author(draft);
    tell(find(".saved"), draft.submitted_at ?? draft.updated_at);
    find(".item-title").textContent = title;
    find(".item-words").textContent = draft.headline ? draft.summary : "";
    const { returned } = draft;
    find(".returned").hidden = !returned || Boolean(draft.submitted_at);
    find(".by").textContent = returned?.by ?? "";
    find(".returned .note").textContent = returned?.note ?? "";
    this.tellEditors(item, draft.id);
    this.#offer(item, draft, key);
    this.#wait(item, draft, key);
  }

  tellEditors(item, id) {
    tellNames(item.querySelector(".editing"), this.editors(id));
  }

  #offer(item, draft, key) {
    const isWaiting = draft.status === "scheduled";
    const isHandedIn = Boolean(draft.submitted_at);
    const isInHand = this.isEditor || !(isHandedIn || isWaiting);
    const offered = {
      open: isInHand && key !== "held",
      publish: key !== "held",
      return: isHandedIn && !isWaiting,
      submit: !isHandedIn && !isWaiting,
      withdraw: isHandedIn && !isWaiting,
      undo: isWaiting && this.isEditor,
      delete: isInHand && !isWaiting,
    };
    for (const button of item.querySelectorAll("[data-act]")) {
      button.hidden = !offered[button.dataset.act];
    }
  }

  #wait(item, draft, key) {
    const wait = item.querySelector(".due");
    wait.hidden = draft.status !== "scheduled";
    const fuse = item.querySelector(".fuse");
    fuse.hidden = key !== "held";
    if (wait.hidden) return;
    const left = Math.max(0, this.#left(draft));
    tell(wait.querySelector("time"), draft.embargo_until, due);
    wait.querySelector(".countdown").textContent = inWords(left);
    if (fuse.hidden || calm.matches) return;
    const [rest] = fuse.children;
    const frames = { transform: ["scaleX(1)", "scaleX(0)"] };
    const timing = { duration: this.fuse, fill: "both" };
    const [burning = rest.animate(frames, timing)] = rest.getAnimations();
    // Where the clock was set meanwhile it burns on from there.
    const gone = Math.max(0, this.fuse - left);
    if (Math.abs(burning.currentTime - gone) > SECOND) burning.currentTime = gone;
  }

  #tick() {
    const waiting = [...this.#drafts.values()].filter(({ status }) => status === "scheduled");
    if (!waiting.length || document.hidden) return;
    this.show();
    // Once it is out the journal says so; if that was missed, the list knows.
    if (waiting.some((draft) => this.#left(draft) < -2 * SECOND)) this.read().catch(() => {});
  }
}

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

function inWords(ms) {
  const seconds = Math.ceil(ms / SECOND);
  const [unit, size] = UNITS.find(([, size]) => seconds >= size) ?? UNITS.at(-1);
  const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
  return format.format(Math.round(seconds / size), unit);
}
