/**
 * Shows what waits to be sent: what each letter waits for, and what can be done with it.
 */

import { now } from "../times.js";
import { titleOf } from "./letters.js";
import { clock } from "./moments.js";
import { copyOf } from "./words.js";

export class Tray {
  /**
   * @param {HTMLElement} place - The section, with a list.
   * @param {object} owner - `outbox`, `words`, `zone`, `root` and `onEdit`, which takes a letter.
   */
  constructor(place, owner) {
    Object.assign(this, owner, { place });
    this.list = place.querySelector("ul");
    this.outbox.addEventListener("change", () => this.show());
    this.list.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    this.show();
  }

  /** Shows the letters as they are now. */
  async show() {
    this.isWanted = true;
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.isWanted) {
      this.isWanted = false;
      this.letters = await this.outbox.letters();
    }
    this.isBusy = false;
    const focused = document.activeElement?.closest?.(".letter")?.dataset.letter;
    const shown = this.letters.filter((letter) => !this.#isFresh(letter));
    this.list.replaceChildren(...shown.map((letter) => this.#item(letter)));
    this.place.hidden = !shown.length;
    for (const note of this.place.querySelectorAll("[data-when]")) {
      note.hidden = note.dataset.when !== this.outbox.state;
    }
    const again = focused && this.list.querySelector(`[data-letter="${focused}"]`);
    if (again) again.querySelector("button:not([hidden])")?.focus();
  }

  /** What goes out at once is not shown for the blink of an eye. */
  #isFresh({ at, state }) {
    const left = 400 - (now() - at);
    if (state !== "waiting" || this.outbox.state !== "idle" || left <= 0) return false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), left);
    return true;
  }

  #item(letter) {
    const item = copyOf(this.root, "letter");
    const isOnItsWay = this.outbox.sending === letter.id;
    const state = isOnItsWay && letter.state === "waiting" ? "sending" : letter.state;
    item.dataset.letter = letter.id;
    item.dataset.state = state;
    const title = titleOf(letter.values) || this.words("picture");
    item.querySelector(".title").textContent = title;
    const at = clock(letter.at, this.zone);
    const told = { time: at, sentence: letter.sentence };
    item.querySelector(".how").textContent = this.words(state, told);
    const isOpen = letter.state !== "waiting" || (!letter.tried && !isOnItsWay);
    for (const button of item.querySelectorAll("button")) {
      button.hidden = !(button.value === "retry" ? letter.state !== "waiting" : isOpen);
      button.setAttribute("aria-label", `${button.textContent}: ${title}`);
    }
    return item;
  }

  async #press(button) {
    const id = button?.closest(".letter").dataset.letter;
    const letter = this.letters.find((each) => each.id === id);
    if (!letter) return;
    if (button.value === "retry") this.outbox.retry(letter);
    else if (button.value === "edit") this.onEdit(letter);
    else this.outbox.withdraw(letter);
  }
}
