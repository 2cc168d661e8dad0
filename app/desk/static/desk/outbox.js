/**
 * What waits to be sent: letters, one after another, until the server has answered each.
 *
 * They outlive the page. Whichever tab has the lock sends; the others look on. A letter's requests
 * carry keys, so that one whose answer was lost is repeated and done once, for as long as the
 * server knows the keys; what is older than that is not sent again unasked. What the server refuses
 * stays with its sentence, and the next one goes.
 *
 * @typedef {import("./letters.js").Letter} Letter
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 */

import { now } from "../clock.js";
import { Refusal } from "./api.js";
import { readAll, write } from "./local_store.js";
import { isPassing, take, titleOf, traceOf } from "./letters.js";
import { checkCaller, doubt, Stranger } from "./session.js";
import { clock } from "./zoned_time.js";
import { copyOf } from "./messages.js";

const KNOWN = 23 * 3_600_000; // ms, within the day for which the server knows a key
const [SHORTEST, LONGEST] = [500, 30_000]; // ms between attempts
const AFTERWARDS = 700; // ms behind the time at which a scheduled entry goes out
const NAME = "dateline letters";

/** Says `change`, `sent` ({letter, entry}) and `refused` ({letter}), as `CustomEvent`s. */
export class Outbox extends EventTarget {
  /** @type {string | null | undefined} */
  sending; // the letter that is on its way

  /** @param {string} caller - Who is signed in: nobody else's letters are sent. */
  constructor(caller) {
    super();
    this.caller = caller;
    this.state = "idle"; // away, signed-out, stranger
    this.pause = SHORTEST;
    this.channel = globalThis.BroadcastChannel && new BroadcastChannel(NAME);
    if (this.channel) this.channel.onmessage = () => this.#dispatch("change");
  }

  /** Sends what is left from before, and from now on whatever comes. */
  start() {
    const wake = () => this.pump();
    addEventListener("online", wake);
    addEventListener("focus", wake);
    document.addEventListener("visibilitychange", () => document.hidden || wake());
    this.pump();
  }

  /** One's own letters, in order. */
  async letters() {
    const letters = await readAll("letters");
    const own = letters.filter(({ caller }) => caller === this.caller);
    return own.sort((one, other) => one.at - other.at);
  }

  /**
   * Takes a letter, in the place of a text.
   *
   * @param {Omit<Letter, "caller" | "state" | "tried">} letter
   * @param {string} textId - Of the text, which is kept no longer.
   * @returns {Promise<boolean>} Whether it would outlive a crash.
   */
  async post(letter, textId) {
    /** @type {Letter} */
    const whole = { ...letter, caller: this.caller, state: "waiting", tried: null };
    const isSafe = await write(["letters", "put", whole], ["texts", "delete", textId]);
    this.#tell();
    this.pause = SHORTEST;
    this.pump();
    return isSafe;
  }

  /**
   * Tries again what was refused, or is in doubt.
   *
   * @param {Letter} letter
   */
  async retry(letter) {
    await write(["letters", "put", { ...letter, state: "waiting", tried: null, sentence: null }]);
    this.#tell();
    this.pump();
  }

  /**
   * Takes a letter out, unless it is on its way.
   *
   * @param {Letter} letter
   * @returns {Promise<Letter | null>} null where it was not there, or is on its way.
   */
  withdraw(letter) {
    return this.#alone(async () => {
      const found = (await this.letters()).find(({ id }) => id === letter.id);
      if (!found || (found.tried && found.state === "waiting")) return null;
      await write(["letters", "delete", letter.id]);
      this.#tell();
      return found;
    });
  }

  /** Sends what there is; one tab at a time, and each letter after the one before. */
  async pump() {
    clearTimeout(this.timer);
    this.isWanted = true;
    if (this.isPumping) return;
    this.isPumping = true;
    while (this.isWanted) {
      this.isWanted = false;
      await this.#alone(() => this.#sendAll());
    }
    this.isPumping = false;
  }

  async #sendAll() {
    /** @type {Letter | undefined} */
    let letter;
    while ((letter = await this.#next())) {
      try {
        await checkCaller(this.caller);
        await this.#send(letter);
        this.#become("idle");
        this.pause = SHORTEST;
      } catch (error) {
        if (!(await this.#fail(letter, error))) return;
      } finally {
        this.sending = null;
      }
      this.#tell();
    }
    this.#become("idle");
  }

  /** The first that may go; one that waits for its time is passed over. */
  async #next() {
    const waiting = (await this.letters()).filter(({ state }) => state === "waiting");
    // NaN is never later than now, which is below 0 in the demonstration of 1969.
    const due = waiting.filter(({ notBefore = NaN }) => !(notBefore > now()));
    const others = waiting.map(({ notBefore = NaN }) => notBefore);
    if (!due.length && others.length) this.#later(Math.min(...others) - now());
    return due[0];
  }

  /** @param {Letter} letter */
  async #send(letter) {
    if (letter.tried && now() - letter.tried > KNOWN) throw new Doubt();
    if (navigator.onLine === false) throw new TypeError("offline"); // it may still be edited
    this.sending = letter.id;
    while (letter.steps.length && !((letter.notBefore ?? NaN) > now())) {
      const [step] = letter.steps;
      letter.tried ??= now();
      await write(["letters", "put", letter]);
      this.#tell();
      const entry = await take(step, letter.entry);
      letter.steps.shift();
      letter.tried = null;
      if (!step.isAside) await this.#note(letter, entry);
    }
    const isDone = !letter.steps.length;
    await write(isDone ? ["letters", "delete", letter.id] : ["letters", "put", letter]);
    if (isDone) this.#dispatch("sent", { letter, entry: letter.answer });
  }

  /**
   * Others about the same entry are about what it is now.
   *
   * @param {Letter} letter
   * @param {NewsroomEntry} entry - As it is now.
   */
  async #note(letter, entry) {
    const was = letter.entry;
    letter.entry = traceOf(entry);
    letter.answer = entry;
    letter.saved = letter.values;
    if (entry.status === "scheduled" && letter.steps.length) {
      letter.notBefore = Date.parse(entry.embargo_until ?? "") + AFTERWARDS;
    }
    for (const other of await this.letters()) {
      if (other.id === letter.id || other.tried || !was || other.entry?.id !== was.id) continue;
      if (other.entry.revision === was.revision) {
        await write(["letters", "put", { ...other, entry: letter.entry }]);
      }
    }
  }

  /**
   * Whether the next one may go.
   *
   * @param {Letter} letter
   * @param {unknown} error
   */
  async #fail(letter, error) {
    const refusal = error instanceof Refusal ? error : null;
    if (refusal?.status === 401 || error instanceof Stranger) {
      doubt();
      this.#become(refusal ? "signed-out" : "stranger");
    } else if (error instanceof Doubt || !isPassing(error)) {
      const { problem, message: sentence } = refusal ?? {};
      /** @type {Letter} */
      const refused = { ...letter, state: problem ? "refused" : "doubtful", problem, sentence };
      if (problem) refused.tried = null; // it did nothing
      await write(["letters", "put", refused]);
      this.#dispatch("refused", { letter: refused });
      return true;
    } else {
      this.#become("away");
    }
    this.#later(this.pause);
    this.pause = Math.min(LONGEST, this.pause * 2);
    return false;
  }

  /**
   * Does something while no other tab sends; without locks the keys have to be enough.
   *
   * @template Result
   * @param {() => Promise<Result>} act
   * @returns {Promise<Result>}
   */
  #alone(act) {
    return navigator.locks ? navigator.locks.request(NAME, act) : act();
  }

  /** @param {number} delay */
  #later(delay) {
    clearTimeout(this.timer);
    const spread = 0.8 + Math.random() * 0.4;
    this.timer = setTimeout(() => this.pump(), Math.max(0, delay) * spread);
  }

  /** @param {string} state */
  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell();
  }

  #tell() {
    this.channel?.postMessage(null);
    this.#dispatch("change");
  }

  /**
   * @param {string} type
   * @param {object} [detail]
   */
  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Too long ago for the server to know whether it was done. */
class Doubt extends Error {}

/**
 * Shows what waits to be sent: what each letter waits for, and what can be done with it.
 *
 * @typedef {object} ListOwner
 * @property {Outbox} outbox
 * @property {string} zone
 * @property {HTMLElement} root - Where the template is.
 * @property {import("./messages.js").Words} words
 * @property {(letter: Letter) => void} onEdit
 */
export class OutboxList {
  /** @type {Letter[]} */
  letters = [];

  /**
   * @param {HTMLElement} place - The section, with a list.
   * @param {ListOwner} owner
   */
  constructor(place, owner) {
    this.place = place;
    this.owner = owner;
    this.outbox = owner.outbox;
    this.list = place.querySelector("ul");
    this.outbox.addEventListener("change", () => this.show());
    this.list.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) this.#press(button);
    });
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
    const focused = document.activeElement?.closest(".letter")?.dataset.letter;
    const shown = this.letters.filter((letter) => !this.#isFresh(letter));
    this.list.replaceChildren(...shown.map((letter) => this.#item(letter)));
    this.place.hidden = !shown.length;
    for (const note of this.place.querySelectorAll("[data-when]")) {
      note.hidden = note.dataset.when !== this.outbox.state;
    }
    if (!focused) return;
    /** @type {HTMLElement | null} */
    const button = this.list.querySelector(`[data-letter="${focused}"] button:not([hidden])`);
    button?.focus();
  }

  /**
   * What goes out at once is not shown for the blink of an eye.
   *
   * @param {Letter} letter
   */
  #isFresh({ at, state }) {
    const left = 400 - (now() - at);
    if (state !== "waiting" || this.outbox.state !== "idle" || left <= 0) return false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), left);
    return true;
  }

  /** @param {Letter} letter */
  #item(letter) {
    const { root, words, zone } = this.owner;
    const item = copyOf(root, "letter");
    const isOnItsWay = this.outbox.sending === letter.id;
    const state = isOnItsWay && letter.state === "waiting" ? "sending" : letter.state;
    item.dataset.letter = letter.id;
    item.dataset.state = state;
    const title = titleOf(letter.values) || words("picture");
    item.querySelector(".title").textContent = title;
    const at = clock(letter.at, zone);
    const told = { time: at, sentence: letter.sentence };
    item.querySelector(".how").textContent = words(state, told);
    const isOpen = letter.state !== "waiting" || (!letter.tried && !isOnItsWay);
    for (const button of item.querySelectorAll("button")) {
      button.hidden = !(button.value === "retry" ? letter.state !== "waiting" : isOpen);
      button.setAttribute("aria-label", `${button.textContent}: ${title}`);
    }
    return item;
  }

  /** @param {HTMLButtonElement} button */
  #press(button) {
    const id = button.closest(".letter")?.dataset.letter;
    const letter = this.letters.find((each) => each.id === id);
    if (!letter) return;
    if (button.value === "retry") this.outbox.retry(letter);
    else if (button.value === "edit") this.owner.onEdit(letter);
    else this.outbox.withdraw(letter);
  }
}
