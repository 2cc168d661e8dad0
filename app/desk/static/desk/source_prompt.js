/**
 * *Who says so?*: a few letters and Enter name a source of the entry.
 *
 * @typedef {object} Owner
 * @property {HTMLElement} root - Holds the prompts.
 * @property {import("./messages.js").Words} words
 * @property {import("./known_statements.js").KnownStatements} known
 * @property {ReturnType<typeof import("./statement_words.js").lineWriter>} lines
 * @property {(kind: "claims"|"figures", statement: any) => void} add
 * @property {() => void} leave - Ends the prompt, and gives the focus back.
 */

import { Combobox } from "./combobox.js";
import { isSame, matching } from "./offers.js";

export class SourcePrompt {
  /** @param {Owner} owner */
  constructor(owner) {
    this.owner = owner;
    this.place = owner.root.querySelector("[data-prompt=source]");
    this.input = this.place.querySelector("input");
    const offers = sourceOffers(owner);
    const onPick = (/** @type {{value: string}} */ { value }) => this.#take(value);
    this.box = new Combobox(this.input, { offers, onPick, isEager: true });
    this.place.addEventListener("keydown", (event) => this.#press(event));
    this.input.addEventListener("blur", () => {
      if (!this.place.hidden && this.input.value.trim()) this.#add(this.input.value.trim());
    });
  }

  /** Asks; what was typed before the script came stays. */
  open() {
    this.place.hidden = false;
    this.input.focus();
    this.refresh();
  }

  /** There is more to offer. */
  refresh() {
    if (document.activeElement === this.input) this.box.show();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.input.value = "";
      this.owner.leave();
    }
    if (event.key !== "Enter") return;
    const { known } = this.owner;
    if (!known.isKnown) {
      event.preventDefault();
      known.first.then(() => this.#takeFirst());
      return;
    }
    const name = this.box.chosen?.value ?? this.input.value.trim();
    // With Control it goes on: what is asked for is then sent.
    if (!name || !(event.ctrlKey || event.metaKey)) event.preventDefault();
    if (name) this.#take(name);
  }

  /** Takes what Enter was meant for, which was not known yet. */
  #takeFirst() {
    this.refresh();
    const name = this.box.chosen?.value ?? this.input.value.trim();
    if (name && !this.place.hidden) this.#take(name);
  }

  /** @param {string} name */
  #take(name) {
    this.#add(name);
    this.owner.leave();
  }

  /** @param {string} source */
  #add(source) {
    this.input.value = "";
    this.place.hidden = true;
    this.owner.add("claims", { source, url: "", text: "", status: "reported", note: "" });
  }
}

/**
 * What is offered as a source: those that match, and what is typed as a new one.
 *
 * @param {Pick<Owner, "known" | "words">} owner
 */
export function sourceOffers({ known, words }) {
  return (/** @type {string} */ typed) => {
    const offers = known.sources.map((name) => ({ label: name, value: name }));
    return withTyped(typed, matching(typed, offers), words);
  };
}

/**
 * Offers, and at their end what is typed as it is.
 *
 * @param {string} typed
 * @param {import("./offers.js").Offer<string>[]} offers
 * @param {import("./messages.js").Words} words
 */
export function withTyped(typed, offers, words) {
  const isKnown = !typed || offers.some(({ label }) => isSame(label, typed));
  return isKnown ? offers : [...offers, { label: words("typed", { name: typed }), value: typed }];
}
