/**
 * Who else is at this desk, and what they are editing.
 */

import { request } from "./api.js";
import { categoryOf } from "./language.js";
import { newId } from "./local_store.js";

/** @typedef {{visit: string, name: string, entry_id: string | null}} Visit */

const BEAT = 10_000; // ms between two signs of life

export class Presence {
  #own = newId();
  /** @type {string | null} */
  #editing = null;
  /** @type {Visit[]} */
  #others = [];

  /**
   * @param {string} path - Of the coverage's API.
   * @param {object} page
   * @param {Element} page.list - Is filled with names.
   * @param {() => void} page.onChange - Is called when somebody begins or ends something.
   */
  constructor(path, { list, onChange }) {
    this.path = path;
    this.list = list;
    this.onChange = onChange;
    setInterval(() => this.#sign(), BEAT);
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#sign());
    this.#sign();
  }

  /**
   * Tells the others what is being edited here; null for nothing, or for something new.
   *
   * @param {string | null} id
   */
  set editing(id) {
    if (id === this.#editing) return;
    this.#editing = id;
    this.#sign();
  }

  /**
   * The names of the others who are editing an entry.
   *
   * @param {string | undefined} id
   */
  at(id) {
    return this.#others.filter(({ entry_id }) => entry_id === id).map(({ name }) => name);
  }

  /** Reads who is there. */
  async read() {
    this.#take(await request("GET", `${this.path}/visits`));
  }

  /** @param {{visits: Visit[]}} data */
  #take({ visits }) {
    this.#others = visits.filter(({ visit }) => visit !== this.#own);
    const names = [...new Set(this.#others.map(({ name }) => name))];
    this.list.replaceChildren(
      ...names.map((textContent) => {
        return Object.assign(document.createElement("li"), { dir: "auto", textContent });
      }),
    );
    /** @type {HTMLElement} */ (this.list.parentElement).hidden = !names.length;
    this.onChange();
  }

  get #address() {
    return `${this.path}/visits/${this.#own}`;
  }

  async #sign() {
    try {
      this.#take(await request("PUT", this.#address, { json: { entry_id: this.#editing } }));
    } catch {
      // The next sign comes soon; what really matters complains itself.
    }
  }

  #leave() {
    fetch(this.#address, { method: "DELETE", keepalive: true }).catch(() => {});
  }
}

/**
 * Says who is at an entry, where the page has a sentence for it; nothing if nobody is.
 *
 * @param {HTMLElement} place - With the sentence in `data-one`, `data-other`, …
 * @param {string[]} names
 */
export function showNames(place, names) {
  const words = place.dataset[categoryOf(names.length)] ?? "";
  const [before, after] = words.split("{name}");
  const who = Object.assign(document.createElement("bdi"), { textContent: names.join(", ") });
  place.replaceChildren(...(names.length ? [before, who, after] : []));
}
