/**
 * How the entry will look: rendered by the server, by what renders it for readers.
 */

import { isPassing } from "./letters.js";
import { ask } from "./api.js";

const PAUSE = 300; // ms

export class Preview {
  /**
   * @param {HTMLElement} place - Holds `.feed` and a note.
   * @param {object} owner - `coverage`, `words`, `button` and `read`, which gives an entry's form.
   */
  constructor(place, owner) {
    Object.assign(this, owner, { place });
    this.feed = place.querySelector(".feed");
    this.note = place.querySelector(".note");
    // Its links lead out of the desk.
    this.feed.addEventListener("click", (event) => {
      const link = event.target.closest("a[href]");
      if (link) event.preventDefault();
      if (link && /^https?:/.test(link.href)) open(link.href, "_blank", "noopener");
    });
    const isWide = matchMedia("(width >= 64rem)").matches;
    this.toggle(isWide);
  }

  /** Shows or hides it. */
  toggle(isShown = this.place.hidden) {
    this.place.hidden = !isShown;
    this.place.parentElement.classList.toggle("with-preview", isShown);
    this.button.setAttribute("aria-expanded", isShown);
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
    const form = this.read();
    if (!form) return this.#put("", "preview-nothing");
    try {
      const path = `/v1/coverages/${this.coverage}/preview`;
      const { data } = await ask("POST", path, { json: form, signal: asking.signal });
      this.#put(data.html, "");
    } catch (error) {
      if (asking.signal.aborted) return;
      if (isPassing(error) || error.status === 401) this.#say("preview-away");
      else this.#say("refused", error.message);
    }
  }

  #put(html, word) {
    this.feed.innerHTML = html; // as sanitised as what readers get
    for (const each of this.feed.querySelectorAll("[id]")) each.id = `preview-${each.id}`;
    const label = this.feed.querySelector("[aria-labelledby]");
    label?.setAttribute("aria-labelledby", `preview-${label.getAttribute("aria-labelledby")}`);
    this.#say(word);
  }

  #say(word, sentence) {
    this.note.textContent = word && this.words(word, { sentence });
    this.note.hidden = !word;
  }
}
