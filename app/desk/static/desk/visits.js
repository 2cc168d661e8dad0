/**
 * Who else is at this desk, and what they are editing.
 */

import { ask } from "./api.js";
import { newId } from "./drawer.js";

const BEAT = 10_000; // ms between two signs of life

export class Visits {
  #own = newId();
  #editing = null;
  #others = [];

  /**
   * @param {string} path - Of the coverage's API.
   * @param {object} page
   * @param {Element} page.list - Is filled with names.
   * @param {() => void} page.onChange - Is called when somebody begins or ends something.
   */
  constructor(path, { list, onChange }) {
    Object.assign(this, { path, list, onChange });
    setInterval(() => this.#sign(), BEAT);
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", ({ persisted }) => persisted && this.#sign());
    this.#sign();
  }

  /** Tells the others what is being edited here; null for nothing, or for something new. */
  set editing(id) {
    if (id === this.#editing) return;
    this.#editing = id;
    this.#sign();
  }

  /** The names of the others who are editing an entry. */
  at(id) {
    return this.#others.filter(({ entry_id }) => entry_id === id).map(({ name }) => name);
  }

  /** Reads who is there. */
  async read() {
    this.#take(await ask("GET", `${this.path}/visits`));
  }

  #take({ data }) {
    this.#others = data.visits.filter(({ visit }) => visit !== this.#own);
    const names = [...new Set(this.#others.map(({ name }) => name))];
    this.list.replaceChildren(
      ...names.map((textContent) => {
        return Object.assign(document.createElement("li"), { dir: "auto", textContent });
      }),
    );
    this.list.parentElement.hidden = !names.length;
    this.onChange();
  }

  get #address() {
    return `${this.path}/visits/${this.#own}`;
  }

  async #sign() {
    try {
      this.#take(await ask("PUT", this.#address, { json: { entry_id: this.#editing } }));
    } catch {
      // The next sign comes soon; what really matters complains itself.
    }
  }

  #leave() {
    fetch(this.#address, { method: "DELETE", keepalive: true }).catch(() => {});
  }
}

/** Says who is at an entry, where the page has a sentence for it; nothing if nobody is. */
export function tellNames(place, names) {
  const [before, after] = place.dataset.words.split("{name}");
  const who = Object.assign(document.createElement("bdi"), { textContent: names.join(", ") });
  place.replaceChildren(...(names.length ? [before, who, after] : []));
}
