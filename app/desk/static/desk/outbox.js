/**
 * What waits to be sent: letters, one after another, until the server has answered each.
 *
 * They outlive the page. Whichever tab has the lock sends; the others look on. A letter's requests
 * carry keys, so that one whose answer was lost is repeated and done once, for as long as the
 * server knows the keys; what is older than that is not sent again unasked. What the server refuses
 * stays with its sentence, and the next one goes.
 */

import { now } from "../times.js";
import { readAll, write } from "./drawer.js";
import { isPassing, take, traceOf } from "./letters.js";
import { Stranger, checkCaller, doubt } from "./signed_in.js";

const KNOWN = 23 * 3_600_000; // ms, within the day for which the server knows a key
const [SHORTEST, LONGEST] = [500, 30_000]; // ms between attempts
const AFTERWARDS = 700; // ms behind the time at which a scheduled entry goes out
const NAME = "dateline letters";

/** Says `change`, `sent` ({letter, entry}) and `refused` ({letter}). */
export class Outbox extends EventTarget {
  /** @param {string} caller - Who is signed in: nobody else's letters are sent. */
  constructor(caller) {
    super();
    this.caller = caller;
    this.state = "idle"; // away, signed-out, stranger
    this.sending = null; // the letter that is on its way
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
    return own.sort((one, other) => one.at - other.at || one.turn - other.turn);
  }

  /**
   * Takes a letter, in the place of a text.
   *
   * @param {object} letter
   * @param {string} textId - Of the text, which is kept no longer.
   * @returns {Promise<boolean>} Whether it would outlive a crash.
   */
  async post(letter, textId) {
    const whole = { ...letter, caller: this.caller, state: "waiting", tried: null };
    const isSafe = await write(["letters", "put", whole], ["texts", "delete", textId]);
    this.#tell();
    this.pause = SHORTEST;
    this.pump();
    return isSafe;
  }

  /** Tries again what was refused, or is in doubt. */
  async retry(letter) {
    await write(["letters", "put", { ...letter, state: "waiting", tried: null, sentence: null }]);
    this.#tell();
    this.pump();
  }

  /** Takes a letter out, unless it is on its way; whether it was there. */
  async withdraw(letter) {
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
    const due = waiting.filter(({ notBefore }) => !(notBefore > now()));
    const others = waiting.map(({ notBefore }) => notBefore);
    if (!due.length && others.length) this.#later(Math.min(...others) - now());
    return due[0];
  }

  async #send(letter) {
    if (letter.tried && now() - letter.tried > KNOWN) throw new Doubt();
    if (navigator.onLine === false) throw new TypeError("offline"); // it may still be edited
    this.sending = letter.id;
    while (letter.steps.length && !(letter.notBefore > now())) {
      const [step] = letter.steps;
      letter.tried ??= now();
      await write(["letters", "put", letter]);
      this.#tell();
      const { data } = await take(step, letter.entry);
      letter.steps.shift();
      letter.tried = null;
      if (!step.isAside) await this.#note(letter, data);
    }
    const isDone = !letter.steps.length;
    await write(["letters", isDone ? "delete" : "put", isDone ? letter.id : letter]);
    if (isDone) this.#dispatch("sent", { letter, entry: letter.answer });
  }

  /** Others about the same entry are about what it is now. */
  async #note(letter, entry) {
    const was = letter.entry;
    letter.entry = traceOf(entry);
    letter.answer = entry;
    letter.saved = letter.values;
    if (entry.status === "scheduled" && letter.steps.length) {
      letter.notBefore = Date.parse(entry.embargo_until) + AFTERWARDS;
    }
    for (const other of await this.letters()) {
      const isNext = other.id !== letter.id && other.entry && other.entry.id === was?.id;
      if (isNext && other.entry.revision === was.revision && !other.tried) {
        await write(["letters", "put", { ...other, entry: letter.entry }]);
      }
    }
  }

  /** Whether the next one may go. */
  async #fail(letter, error) {
    if (error.status === 401 || error instanceof Stranger) {
      doubt();
      this.#become(error.status ? "signed-out" : "stranger");
    } else if (error instanceof Doubt || !isPassing(error)) {
      const problem = error.problem ?? null;
      const refused = { ...letter, state: problem ? "refused" : "doubtful", problem };
      refused.sentence = problem && error.message;
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

  /** Does something while no other tab sends; without locks the keys have to be enough. */
  #alone(act) {
    return navigator.locks ? navigator.locks.request(NAME, act) : act();
  }

  #later(delay) {
    clearTimeout(this.timer);
    const spread = 0.8 + Math.random() * 0.4;
    this.timer = setTimeout(() => this.pump(), Math.max(0, delay) * spread);
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.#tell();
  }

  #tell() {
    this.channel?.postMessage(null);
    this.#dispatch("change");
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

/** Too long ago for the server to know whether it was done. */
class Doubt extends Error {}
