/**
 * A field for a time on the newsroom's clocks, which says which moment that is.
 *
 * A moment that nobody touches stays what it was: the field may show less of it than there is.
 * Where the clocks are set back a time comes twice, and is chosen; at first it is the one of the
 * offset that was there, else the earlier.
 */

import { due, offsetOf, toInstants, toWall } from "./zoned_time.js";

export class TimeField {
  /**
   * @param {HTMLInputElement} input - `datetime-local`; its field holds a choice and a note too.
   * @param {string} zone - The newsroom's.
   * @param {import("./messages.js").Words} words
   */
  constructor(input, zone, words) {
    const field = /** @type {HTMLElement} */ (input.closest(".field"));
    this.input = input;
    this.choice = field.querySelector("select");
    this.note = field.querySelector(".note");
    this.zone = zone;
    this.words = words;
    this.given = ""; // the moment that the field was given
    this.shown = ""; // what it showed of it
    const { choice } = this;
    input.addEventListener("input", () => this.#offer());
    choice.addEventListener("input", () => this.#tell());
  }

  /** The moment, in RFC 3339; empty for none. */
  get value() {
    return this.choice.value;
  }

  set value(at) {
    this.given = at;
    this.input.value = toWall(at, this.zone);
    this.shown = this.input.value;
    this.choice.replaceChildren(this.#option(at));
    this.#offer();
  }

  /** @param {string} at */
  #option(at) {
    return new Option(at && offsetOf(at, this.zone), at);
  }

  #offer() {
    const { input, choice, given, zone } = this;
    const last = choice.selectedOptions[0]?.text;
    let moments = input.value ? toInstants(input.value, zone) : [""];
    const isOwn = input.value === this.shown;
    if (isOwn && moments.length < 2) moments = [given];
    const options = moments.map((at) => this.#option(at));
    for (const option of options) {
      option.selected = option.text === last;
      if (isOwn && option.selected) option.value = given;
    }
    choice.replaceChildren(...options);
    choice.hidden = options.length < 2;
    this.#tell();
  }

  #tell() {
    const { input, choice, zone } = this;
    const at = this.value;
    const isSkipped = at && !input.value.startsWith(toWall(at, zone).slice(0, 16));
    const word = isSkipped ? "skipped" : choice.hidden ? "" : "twice";
    const told = at && due(at, zone);
    this.note.textContent = word ? this.words(word, { time: told }) : told;
  }
}
