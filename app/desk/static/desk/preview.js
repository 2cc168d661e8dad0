/**
 * How the entry will look: rendered by the server, by what renders it for readers.
 */

import { isPassing } from "./letters.js";
import { request, statusOf } from "./api.js";

const PAUSE = 300; // ms

/**
 * @typedef {object} Owner
 * @property {string} coverage
 * @property {import("./messages.js").Words} words
 * @property {HTMLElement} button - Shows and hides the preview.
 * @property {() => object | null} read - Gives the payload of the entry; null for nothing.
 */

export class Preview {
  /** @type {AbortController | undefined} */
  asking;

  /**
   * @param {HTMLElement} place - Holds `.feed` and a note.
   * @param {Owner} owner
   */
  constructor(place, owner) {
    this.place = place;
    this.owner = owner;
    this.feed = place.querySelector(".feed");
    this.note = place.querySelector(".note");
    // Its links lead out of the desk.
    this.feed.addEventListener("click", (event) => {
      /** @type {HTMLAnchorElement | null} */
      const link = /** @type {Element} */ (event.target).closest("a[href]");
      if (link) event.preventDefault();
      if (link && /^https?:/.test(link.href)) open(link.href, "_blank", "noopener");
    });
    const isWide = matchMedia("(width >= 64rem)").matches;
    this.toggle(isWide);
  }

  /** Shows or hides it. */
  toggle(isShown = Boolean(this.place.hidden)) {
    this.place.hidden = !isShown;
    this.place.parentElement?.classList.toggle("with-preview", isShown);
    this.owner.button.setAttribute("aria-expanded", `${isShown}`);
    if (isShown) this.#show();
  }

  /** Another entry is begun. */
  clear() {
    this.asking?.abort();
    this.feed.replaceChildren();
    this.change();
  }

  /** Something was typed. */
  change() {
    if (this.place.hidden) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#show(), PAUSE);
  }

  async #show() {
    clearTimeout(this.timer);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const form = this.owner.read();
    if (!form) return this.#put("", "preview-nothing");
    try {
      const path = `/v1/coverages/${this.owner.coverage}/preview`;
      const { html } = await request("POST", path, { json: form, signal: asking.signal });
      this.#put(html, "");
    } catch (error) {
      if (asking.signal.aborted) return;
      if (isPassing(error) || statusOf(error) === 401) this.#say("preview-away");
      else this.#say("refused", /** @type {Error} */ (error).message);
    }
  }

  /**
   * @param {string} html
   * @param {string} word - The name of what is said beside it.
   */
  #put(html, word) {
    this.feed.innerHTML = html; // as sanitised as what readers get
    for (const each of this.feed.querySelectorAll("[id]")) each.id = `preview-${each.id}`;
    /** @type {HTMLElement | null} */
    const label = this.feed.querySelector("[aria-labelledby]");
    label?.setAttribute("aria-labelledby", `preview-${label.getAttribute("aria-labelledby")}`);
    this.#say(word);
  }

  /**
   * @param {string} word
   * @param {string} [sentence]
   */
  #say(word, sentence) {
    this.note.textContent = word && this.owner.words(word, { sentence });
    this.note.hidden = !word;
  }
}
