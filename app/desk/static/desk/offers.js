/**
 * Offers what was being written when a tab went away, until somebody takes it or throws it away.
 */

import { ask } from "./api.js";
import { findLeft, pickUp } from "./autosave.js";
import { write } from "./drawer.js";
import { titleOf } from "./letters.js";
import { clock } from "./moments.js";
import { copyOf } from "./words.js";

export class Offers {
  /** @param {HTMLElement} place @param {object} owner - `caller`, `coverage`, `onTake`, … */
  constructor(place, owner) {
    Object.assign(this, owner, { place });
    place.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    this.show();
  }

  /** Looks again. */
  async show() {
    const left = await findLeft(this.caller, this.coverage);
    const gone = await Promise.all(left.map(isGone));
    const offered = left.filter((_, at) => !gone[at]);
    this.place.replaceChildren(...offered.map((text) => this.#offer(text)));
  }

  #offer(text) {
    const item = copyOf(this.root, "offer");
    item.dataset.text = text.id;
    const at = clock(text.at, this.zone);
    item.querySelector(".question").textContent = this.words("restore", { time: at });
    item.querySelector(".title").textContent = titleOf(text.values) || this.words("picture");
    return item;
  }

  async #press(button) {
    const id = button?.closest("[data-text]").dataset.text;
    if (!id) return;
    const text = await pickUp(id);
    if (text && button.value === "restore") await this.onTake(text);
    else if (text) await write(["texts", "delete", id]);
    await this.show();
  }
}

/** Whether there is nothing in it that the server did not have, and what that was has become. */
async function isGone({ id, values, saved, entry, pending, coverage }) {
  if (!entry || pending || JSON.stringify(values) !== JSON.stringify(saved)) return false;
  const shelf = entry.status === "draft" ? "drafts" : "entries";
  try {
    await ask("GET", `/v1/coverages/${coverage}/${shelf}/${entry.id}`);
    return shelf === "entries"; // it was looked at, and not changed
  } catch (error) {
    if (error.status === 404) await write(["texts", "delete", id]);
    return error.status === 404;
  }
}
