/**
 * Keeps the text that is being written: in this browser at once, on the server after a pause.
 *
 * Each text has a name of its own and a lock that its tab holds: two tabs never write over each
 * other, and a text whose lock nobody holds was left behind, by a crash say. On the server only
 * drafts are saved by themselves: what is public, goes out on time, or lies before an editor,
 * changes when somebody says so.
 */

import { now } from "../times.js";
import { newId, read, readAll, write } from "./drawer.js";
import { isEmpty } from "./fields.js";
import { addressed, isPassing, stepsOf, take, traceOf } from "./letters.js";
import { Stranger, checkCaller, doubt } from "./signed_in.js";

const AT_ONCE = 200; // ms: a text that is typed fast is not stored with every letter
const PAUSE = 2_000; // ms
const RETRY = 10_000; // ms
const PATIENCE = 3_000; // ms for what is under way when a text is let go

/** Says `state` ({state, at, sentence}), `saved` (an entry) and `conflict` ({text, current}). */
export class Autosave extends EventTarget {
  /** @param {object} owner - `coverage`, `caller`, and `blank`, the fields of nothing. */
  constructor(owner) {
    super();
    Object.assign(this, owner);
    this.begin();
    addEventListener("pagehide", () => this.keep());
    document.addEventListener("visibilitychange", () => document.hidden && this.keep());
    addEventListener("online", () => this.isDirty && this.save());
  }

  /** Begins a text; the one before has to be released. */
  begin(text = {}) {
    const { coverage, caller } = this;
    const nothing = { id: newId(), mode: "new", entry: null, saved: null, pending: null };
    this.text = { ...nothing, values: this.blank, ...text, coverage, caller };
    this.isKept = true;
    this.problem = this.conflict = this.saving = this.shown = null;
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

  /** Something was typed. */
  change(values) {
    Object.assign(this.text, { values, at: now() });
    this.isKept = false;
    this.keeping ??= setTimeout(() => this.keep(), AT_ONCE);
    if (this.savesItself && !this.conflict) this.#later(PAUSE);
  }

  /** Stores the text in this browser, now. */
  async keep() {
    this.keeping = clearTimeout(this.keeping);
    if (this.isKept || this.isResting) return;
    this.isKept = true;
    const { text } = this;
    const isNothing = isEmpty(text.values) && !text.entry && !text.pending;
    const isSafe = await write(["texts", isNothing ? "delete" : "put", isNothing ? text.id : text]);
    if (text !== this.text) return;
    if (!isSafe) this.#say("unsafe");
    else if (!this.problem && this.isDirty) this.#say("kept"); // else the server has it by now
  }

  /** Saves the text on the server, as a draft or as what it is there. */
  save() {
    clearTimeout(this.pausing);
    if (this.saving || this.isResting) return this.saving; // resting: its person signs out
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

  async #take(text, step, values) {
    if (step.isAside) {
      await take(step, text.entry);
      this.dispatchEvent(new CustomEvent("told", { detail: step }));
      return;
    }
    const asked = { ...addressed(step, text.entry), values: step.values ?? values };
    text.pending = asked;
    await this.#store(text);
    const { data } = await take(asked, text.entry).catch((error) => {
      if (!isPassing(error)) text.pending = null; // it did nothing
      throw error;
    });
    text.entry = traceOf(data);
    [text.pending, text.saved] = [null, asked.values];
    if (text.mode === "new") text.mode = "draft";
    this.shown = data;
  }

  /** Not what was let go meanwhile: it may be on its way already. */
  #store(text) {
    return text !== this.text || (!this.isResting && write(["texts", "put", text]));
  }

  async #done(text) {
    const isSafe = await this.#store(text);
    if (text !== this.text || !this.shown) return;
    this.problem = null;
    this.#say(isSafe ? "saved" : "unsafe");
    this.dispatchEvent(new CustomEvent("saved", { detail: this.shown }));
    if (this.isDirty && this.savesItself) this.#later(PAUSE);
  }

  #fail(error) {
    this.problem = error;
    this.isKept = false;
    this.keep();
    if (error.status === 412) {
      this.conflict = error;
      this.#say("stale");
      this.dispatchEvent(new CustomEvent("conflict", { detail: error }));
    } else if (error.status === 401 || error instanceof Stranger) {
      doubt();
      this.#say(error.status ? "signed-out" : "stranger");
      this.#later(RETRY);
    } else if (isPassing(error)) {
      this.#say("away");
      this.#later(RETRY);
    } else {
      this.#say("refused", error.message);
    }
  }

  /**
   * Begins another text, at once, and lets go of this one, which stays where it is kept.
   *
   * @param {object} [next] - What is begun.
   * @returns {Promise<{text: object, unlock: Function}>} The one before, when nothing of it is
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

  #later(delay) {
    clearTimeout(this.pausing);
    this.pausing = setTimeout(() => this.save(), delay);
  }

  #say(state, sentence) {
    this.dispatchEvent(new CustomEvent("state", { detail: { state, at: now(), sentence } }));
  }

  #hold() {
    const held = new Promise((release) => (this.unlock = release));
    navigator.locks?.request(lockOf(this.text.id), () => held);
  }
}

function lockOf(id) {
  return `dateline text ${id}`;
}

/** The texts of somebody in a coverage that no open tab has, newest first. */
export async function findLeft(caller, coverage) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const taken = new Set(held.map(({ name }) => name));
  const texts = await readAll("texts");
  return texts
    .filter((text) => text.caller === caller && text.coverage === coverage)
    .filter(({ id }) => !taken.has(lockOf(id)))
    .sort((one, other) => other.at - one.at);
}

/** Takes a text that was left; nothing if another tab was first. */
export async function pickUp(id) {
  const { locks } = navigator;
  const isFree = !locks || (await locks.request(lockOf(id), { ifAvailable: true }, Boolean));
  return isFree ? read("texts", id) : undefined;
}
