/**
 * What was being written when a tab went away is offered to who wrote it.
 *
 * @typedef {import("./autosave.js").Text} Text
 */

import { lockOf } from "./autosave.js";
import { request, statusOf } from "./api.js";
import { titleOf } from "./letters.js";
import { read, readAll, write } from "./local_store.js";
import { copyOf } from "./messages.js";
import { clock } from "./zoned_time.js";

/**
 * The texts of somebody in a coverage that no open tab has, newest first.
 *
 * @param {string} caller
 * @param {string} coverage
 */
async function findLeft(caller, coverage) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const taken = new Set(held.map(({ name }) => name));
  const texts = await readAll("texts");
  return texts
    .filter((text) => text.caller === caller && text.coverage === coverage)
    .filter(({ id }) => !taken.has(lockOf(id)))
    .sort((one, other) => (other.at ?? 0) - (one.at ?? 0));
}

/**
 * Takes a text that was left; nothing if another tab was first.
 *
 * @param {string} id
 */
async function pickUp(id) {
  const { locks } = navigator;
  const isFree = !locks || (await locks.request(lockOf(id), { ifAvailable: true }, Boolean));
  return isFree ? read("texts", id) : undefined;
}

/**
 * Offers what was being written when a tab went away, until somebody takes it or throws it away.
 *
 * @typedef {object} OffersOwner
 * @property {string} caller
 * @property {string} coverage
 * @property {string} zone
 * @property {HTMLElement} root - Where the template is.
 * @property {import("./messages.js").Words} words
 * @property {(text: Text) => Promise<void>} onTake
 */
export class RecoveryOffers {
  /**
   * @param {HTMLElement} place
   * @param {OffersOwner} owner
   */
  constructor(place, owner) {
    this.place = place;
    this.owner = owner;
    place.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) this.#press(button);
    });
    this.show();
  }

  /** Looks again. What needs no look at the server is offered at once. */
  async show() {
    const left = await findLeft(this.owner.caller, this.owner.coverage);
    this.#offerAll(left.filter((text) => !isUntouched(text)));
    if (!left.some(isUntouched)) return;
    const gone = await Promise.all(left.map((text) => isUntouched(text) && isGone(text)));
    this.#offerAll(left.filter((_, at) => !gone[at]));
  }

  /** @param {Text[]} texts */
  #offerAll(texts) {
    this.place.replaceChildren(...texts.map((text) => this.#offer(text)));
  }

  /** @param {Text} text */
  #offer(text) {
    const { root, words, zone } = this.owner;
    const item = copyOf(root, "offer");
    item.dataset.text = text.id;
    const at = clock(text.at ?? 0, zone);
    item.querySelector(".question").textContent = words("restore", { time: at });
    item.querySelector(".title").textContent = titleOf(text.values) || words("picture");
    return item;
  }

  /** @param {HTMLButtonElement} button */
  async #press(button) {
    const id = button.closest("[data-text]")?.dataset.text;
    if (!id) return;
    const text = await pickUp(id);
    if (text && button.value === "restore") await this.owner.onTake(text);
    else if (text) await write(["texts", "delete", id]);
    await this.show();
  }
}

/**
 * Whether there is nothing in it that the server did not have.
 *
 * @param {Text} text
 */
function isUntouched({ values, saved, entry, pending }) {
  return Boolean(entry) && !pending && JSON.stringify(values) === JSON.stringify(saved);
}

/**
 * Whether what an untouched text was of has become something else.
 *
 * @param {Text} text
 */
async function isGone({ id, entry, coverage }) {
  if (!entry) return false;
  const shelf = entry.status === "draft" ? "drafts" : "entries";
  try {
    await request("GET", `/v1/coverages/${coverage}/${shelf}/${entry.id}`);
    return shelf === "entries"; // it was looked at, and not changed
  } catch (error) {
    const isUnknown = statusOf(error) === 404;
    if (isUnknown) await write(["texts", "delete", id]);
    return isUnknown;
  }
}
