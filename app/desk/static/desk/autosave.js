/**
 * Keeps the text that is being written: in this browser at once, on the server after a pause.
 *
 * Each text has a name of its own and a lock that its tab holds: two tabs never write over each
 * other, and a text whose lock nobody holds was left behind, by a crash say. On the server only
 * drafts are saved by themselves: what is public, goes out on time, or lies before an editor,
 * changes when somebody says so.
 *
 * @typedef {import("./fields.js").Values} Values
 * @typedef {"new"|"draft"|"amend"|"correct"} Mode
 *
 * A text that is written, with what is known of it on the server.
 * @typedef {object} Text
 * @property {string} id
 * @property {Mode} mode
 * @property {string} coverage
 * @property {string} caller - Who writes.
 * @property {Values} values
 * @property {Values | null} saved - What the server has.
 * @property {import("./letters.js").Trace | null} entry
 * @property {import("./letters.js").Step | null} pending - A request whose answer is not known yet.
 * @property {number} [at] - When it was last changed.
 *
 * @typedef {{state: string, at: number, sentence?: string}} State
 */

import { now } from "../clock.js";
import { newId, write } from "./local_store.js";
import { isEmpty } from "./fields.js";
import { addressed, isPassing, stepsOf, take, traceOf } from "./letters.js";
import { checkCaller, doubt, Stranger } from "./session.js";
import { statusOf } from "./api.js";

const AT_ONCE = 200; // ms: a text that is typed fast is not stored with every letter
const PAUSE = 2_000; // ms
const RETRY = 10_000; // ms
const PATIENCE = 3_000; // ms for what is under way when a text is let go

/**
 * Says `state` (`State`), `told` (the step of what was said of a picture), `saved` (the entry) and
 * `conflict` (the refusal), each as a `CustomEvent`.
 */
export class Autosave extends EventTarget {
  text = /** @type {Text} */ ({});
  unlock = async () => {};
  isResting = false; // its person signs out
  /** @type {Promise<void> | null | undefined} */
  saving;
  /** @type {import("./api.js").NewsroomEntry | null | undefined} */
  shown; // the entry as the server has it
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  keeping;

  /** @param {{coverage: string, caller: string, blank: Values}} owner - `blank`: of nothing. */
  constructor({ coverage, caller, blank }) {
    super();
    this.coverage = coverage;
    this.caller = caller;
    this.blank = blank;
    this.begin();
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => document.hidden && this.keep());
    addEventListener("online", () => this.isDirty && this.save());
  }

  /**
   * Begins a text; the one before has to be released.
   *
   * @param {Partial<Text>} [text]
   */
  begin(text = {}) {
    const { coverage, caller, blank: values } = this;
    const nothing = { id: newId(), entry: null, saved: null, pending: null, values };
    this.text = { mode: "new", ...nothing, ...text, coverage, caller };
    this.isKept = true;
    this.isDisputed = false; // somebody else was faster
    this.problem = this.saving = this.shown = null;
    this.#hold();
  }

  /** Whether something has been typed that the server does not have. */
  get isDirty() {
    const { values, saved } = this.text;
    return JSON.stringify(values) !== JSON.stringify(saved ?? this.blank);
  }

  get savesItself() {
    const { mode, entry } = this.text;
    const isDraft = !entry || (entry.status === "draft" && !entry.isSubmitted);
    return isDraft && (mode === "new" || mode === "draft");
  }

  /**
   * Something was typed.
   *
   * @param {Values} values
   */
  change(values) {
    Object.assign(this.text, { values, at: now() });
    this.isKept = false;
    this.keeping ??= setTimeout(() => this.keep(), AT_ONCE);
    if (this.savesItself && !this.isDisputed) this.#later(PAUSE);
  }

  /** Stores the text in this browser, now. */
  async keep() {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    if (this.isKept || this.isResting) return;
    this.isKept = true;
    const { text } = this;
    const isNothing = isEmpty(text.values) && !text.entry && !text.pending;
    const isSafe = await write(isNothing ? ["texts", "delete", text.id] : ["texts", "put", text]);
    if (text !== this.text) return;
    if (!isSafe) this.#say("unsafe");
    else if (!this.problem && this.isDirty) this.#say("kept"); // else the server has it by now
  }

  /** Saves the text on the server, as a draft or as what it is there. */
  save() {
    clearTimeout(this.pausing);
    if (this.saving || this.isResting) return this.saving;
    const saving = this.#save().finally(() => {
      if (this.saving === saving) this.saving = null;
    });
    return (this.saving = saving);
  }

  async #save() {
    const { text } = this;
    const values = structuredClone(text.values);
    if (isEmpty(values)) return;
    try {
      await checkCaller(this.caller);
      for (const step of stepsOf({ ...text, values }, "save", this.blank)) {
        await this.#take(text, step, values);
      }
      text.saved = values;
      await this.#done(text);
    } catch (error) {
      if (text === this.text) this.#fail(error);
    }
  }

  /**
   * @param {Text} text
   * @param {import("./letters.js").Step} step
   * @param {Values} values
   */
  async #take(text, step, values) {
    if (step.isAside) {
      await take(step, text.entry);
      this.dispatchEvent(new CustomEvent("told", { detail: step }));
      return;
    }
    const asked = { ...addressed(step, text.entry), values: step.values ?? values };
    text.pending = asked;
    await this.#store(text);
    const entry = await take(asked, text.entry).catch((error) => {
      if (!isPassing(error)) text.pending = null; // it did nothing
      throw error;
    });
    text.entry = traceOf(entry);
    [text.pending, text.saved] = [null, asked.values];
    if (text.mode === "new") text.mode = "draft";
    this.shown = entry;
  }

  /**
   * Not what was let go meanwhile: it may be on its way already.
   *
   * @param {Text} text
   */
  #store(text) {
    return text !== this.text || (!this.isResting && write(["texts", "put", text]));
  }

  /** @param {Text} text */
  async #done(text) {
    const isSafe = await this.#store(text);
    if (text !== this.text || !this.shown) return;
    this.problem = null;
    this.#say(isSafe ? "saved" : "unsafe");
    this.dispatchEvent(new CustomEvent("saved", { detail: this.shown }));
    if (this.isDirty && this.savesItself) this.#later(PAUSE);
  }

  /** @param {unknown} error */
  #fail(error) {
    this.problem = error;
    this.isKept = false;
    this.keep();
    const status = statusOf(error);
    if (status === 412) {
      this.isDisputed = true;
      this.#say("stale");
      this.dispatchEvent(new CustomEvent("conflict", { detail: error }));
    } else if (status === 401 || error instanceof Stranger) {
      doubt();
      this.#say(status ? "signed-out" : "stranger");
      this.#later(RETRY);
    } else if (isPassing(error)) {
      this.#say("away");
      this.#later(RETRY);
    } else {
      this.#say("refused", /** @type {Error} */ (error).message);
    }
  }

  /**
   * Begins another text, at once, and lets go of this one, which stays where it is kept.
   *
   * @param {Partial<Text>} [next] - What is begun.
   * @returns {Promise<{text: Text, unlock: () => Promise<void>}>} The one before, when nothing of it is
   *   under way any more.
   */
  async release(next) {
    clearTimeout(this.pausing);
    const { text, saving, unlock } = this;
    const kept = this.keep();
    this.begin(next);
    await Promise.race([saving, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    await kept;
    return { text, unlock };
  }

  /** @param {number} delay */
  #later(delay) {
    clearTimeout(this.pausing);
    this.pausing = setTimeout(() => this.save(), delay);
  }

  /**
   * @param {string} state
   * @param {string} [sentence]
   */
  #say(state, sentence) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, at: now(), sentence } }));
  }

  /** Holds the text's lock. */
  #hold() {
    /** @type {(value: null) => void} */
    let free = () => {};
    const held = new Promise((resolve) => (free = resolve));
    const freed = navigator.locks?.request(lockOf(this.text.id), () => held);
    this.unlock = async () => {
      free(null);
      await freed; // a text is offered once nobody holds it
    };
  }
}

/** @param {string} id */
export function lockOf(id) {
  return `dateline text ${id}`;
}
