/**
 * The journals of several coverages, read by one stream.
 */

import { isGone, Journal } from "./journal.js";
import { follow } from "./journal_reader.js";

const MOST = 50; // coverages on a stream
const TYPES = ["message", "reset", "gone"]; // of blocks
const PAUSE = 3_000; // ms between two looks, where streams do not come through

/** @typedef {import("./attempt.js").Attempt} Attempt */

/**
 * Reads them until `signal` ends it.
 *
 * @param {Journal[]} journals
 * @param {AbortSignal} signal
 */
export function followAll(journals, signal) {
  for (let at = 0; at < journals.length; at += MOST) {
    follow(new CombinedJournal(journals.slice(at, at + MOST)), signal);
  }
}

/** Stands for several journals where `follow` expects one. */
class CombinedJournal extends Journal {
  /** @param {Journal[]} journals */
  constructor(journals) {
    const [{ origin, fetch }] = journals;
    const silence = Math.min(...journals.map((each) => each.silence));
    const format = journals.some((each) => each.format === "html") ? "html" : "json";
    const onTime = (/** @type {number} */ time) =>
      journals.forEach(({ options }) => options.onTime?.(time));
    super("", { origin, silence, format, onTime });
    this.address = `${origin}/v1`;
    this.fetch = fetch;
    this.journals = new Map(journals.map((each) => [each.slug, each]));
  }

  get open() {
    return [...this.journals.values()].filter(({ isOver }) => !isOver);
  }

  /** @override */
  get isOver() {
    return !this.open.length;
  }

  /**
   * The cursors of all of them; undefined while one has none.
   *
   * @override
   */
  get cursor() {
    return this.open.every(({ cursor }) => cursor) ? this.#composite : undefined;
  }

  /**
   * Those that begin now begin here.
   *
   * @override
   */
  set cursor(composite) {
    if (!composite) return;
    for (const part of composite.split(",")) {
      const [slug, cursor] = part.split(":");
      const journal = this.journals.get(slug);
      if (journal) journal.cursor ??= cursor;
    }
  }

  get #composite() {
    const known = this.open.filter(({ cursor }) => cursor);
    return known.map(({ slug, cursor }) => `${slug}:${cursor}`).join();
  }

  /** @override */
  get query() {
    const { format, open } = this;
    const after = this.#composite;
    const asked = Object.entries({ format, ...(after && { after }) });
    return new URLSearchParams([...asked, ...open.map(({ slug }) => ["coverage", slug])]);
  }

  /**
   * @override
   * @param {string | undefined} event
   * @param {string} data
   * @param {Attempt} attempt
   */
  async hear(event, data, attempt) {
    if (!TYPES.includes(event || "message")) return;
    const journal = this.journals.get(JSON.parse(data).coverage);
    if (event === "gone") journal?.tell("gone");
    else if (journal) await orGone(journal, journal.hear(event, data, attempt));
  }

  /**
   * @override
   * @param {Attempt} attempt
   * @param {number} wait
   */
  async fill(attempt, wait = 0) {
    for (const journal of this.open) await orGone(journal, journal.fill(attempt));
    if (!wait) return;
    attempt.expect(2 * PAUSE);
    await new Promise((resolve, reject) => {
      setTimeout(resolve, PAUSE);
      attempt.signal.addEventListener("abort", reject);
    });
  }

  /**
   * @override
   * @param {import("./journal.js").State} state
   */
  tell(state) {
    this.state = state;
    for (const journal of this.open) journal.tell(state);
  }
}

/**
 * One that is gone ends none of the others.
 *
 * @param {Journal} journal
 * @param {Promise<void>} act
 */
async function orGone(journal, act) {
  try {
    await act;
  } catch (error) {
    if (!isGone(error)) throw error;
    journal.tell("gone");
  }
}
