/**
 * A coverage's journal up to a cursor: gives its events in order, and fetches those that are missing.
 */

import { OPENING } from "./attempt.js";

const HOLE = "The history has a hole";
// A status may be a proxy's; these problems are the server's own.
const OUTDATED = "/problems/unknown-cursor";

/** @typedef {import("./attempt.js").Attempt} Attempt */

/**
 * An entry as the public API has it (docs/reference): the members that scripts here use.
 *
 * @typedef {object} Entry
 * @property {string} id
 * @property {number} seq
 * @property {number} revision
 * @property {string} status
 * @property {string} title
 * @property {string} language
 * @property {boolean} key_event
 * @property {boolean} pinned
 * @property {string[]} tags
 * @property {{note: string} | null} correction
 * @property {{note: string} | null} retraction
 * @property {unknown[]} [claims]
 * @property {unknown[]} [figures]
 * @property {{outdated: {because: string} | null} | null} [translation_of]
 *
 * @typedef {{slug: string, title: string, status: string, summary: string | null}} Coverage
 *
 * @typedef {object} JournalEvent
 * @property {string} cursor
 * @property {number} seq
 * @property {string} type
 * @property {string} coverage
 * @property {string} at
 * @property {Entry} [entry] - In events of an entry.
 * @property {Coverage} [details] - In events of the coverage.
 * @property {string} [html] - Where the format is `html`.
 *
 * @typedef {{reason: string, cursor: string}} Reset
 * @typedef {"connecting"|"live"|"polling"|"reconnecting"|"closed"|"gone"} State
 *
 * @typedef {object} Options
 * @property {string} [after] - The cursor to go on from; without one it begins now.
 * @property {"json"|"html"} [format]
 * @property {string} [origin] - The server; without one this module's.
 * @property {AbortSignal} [signal] - Ends it.
 * @property {number} [silence] - Milliseconds without a byte after which a stream is taken for dead.
 * @property {number} [unseen] - Milliseconds out of sight after which it rests.
 * @property {(event: JournalEvent) => void} [onEvent]
 * @property {(reset: Reset) => void} [onReset]
 * @property {(state: State) => void} [onState]
 * @property {(time: number) => void} [onTime] - Gets the server's clock, in milliseconds.
 *
 * What a leading tab tells the others of a journal.
 * @typedef {object} News
 * @property {string} slug
 * @property {string} [at] - The cursor.
 * @property {State} [state]
 * @property {number} [time] - The server's clock.
 * @property {JournalEvent} [event]
 * @property {Reset} [reset]
 * @property {string} [was] - The cursor before the reset.
 *
 * What a request may fail with: `problem`, the type of the server's own refusal; `pause`,
 * milliseconds until it wants to be asked again.
 * @typedef {Error & {problem?: string | false, pause?: number}} Failure
 */

/** A journal up to a cursor, and those who are told what lies behind it. */
export class Journal {
  /** @type {string | undefined} */
  #cursor;
  seq = NaN; // of the cursor
  /** @type {State | undefined} */
  state;
  /** @type {typeof fetch | undefined} */
  fetch; // in place of the page's own
  /** @type {((news: Partial<News>) => void) | undefined} */
  relay; // tells the other tabs

  /**
   * @param {string} slug
   * @param {Options} options
   */
  constructor(slug, options) {
    const { after, format, origin = new URL(import.meta.url).origin } = options;
    this.slug = slug;
    this.origin = origin;
    this.options = options;
    this.format = format ?? "json";
    this.silence = options.silence ?? 45_000; // the server breaks its own every 20 s
    this.address = `${origin}/v1/coverages/${encodeURIComponent(slug)}`;
    // deno-lint-ignore eqeqeq -- null too
    if (after != null) this.cursor = after;
  }

  /** Whether nothing comes any more. */
  get isOver() {
    return this.state === "closed" || this.state === "gone";
  }

  /** @returns {string | undefined} */
  get cursor() {
    return this.#cursor;
  }

  set cursor(cursor) {
    this.#cursor = String(cursor);
    this.seq = seqOf(this.#cursor);
  }

  /**
   * Gives an event if it is the next one; false if others are missing before it.
   *
   * @param {JournalEvent} event
   */
  give(event) {
    if (event.seq > this.seq + 1) return false;
    if (event.seq <= this.seq || this.isOver) return true;
    this.cursor = event.cursor;
    this.#call("onEvent", event);
    this.relay?.({ event });
    return true;
  }

  /**
   * Gives an event, and before it whatever is missing.
   *
   * @param {JournalEvent} event
   * @param {Attempt} attempt
   */
  async take(event, attempt) {
    if (this.give(event)) return;
    await this.fill(attempt);
    if (!this.give(event)) throw new Error(HOLE);
  }

  /**
   * Gives what there is behind the cursor.
   *
   * @param {Attempt} attempt
   * @param {number} [wait] - Seconds that the server may wait if there is nothing.
   */
  async fill(attempt, wait = 0) {
    for (let more = true; more;) {
      attempt.expect(OPENING + wait * 1_000);
      if (!this.cursor) this.cursor = (await this.#read(attempt, "")).cursor;
      const { seq } = this;
      let page;
      try {
        page = await this.#read(attempt, `/events?${this.query}&wait=${wait}`);
      } catch (error) {
        if (/** @type {Failure} */ (error).problem !== OUTDATED) throw error;
        const { cursor } = await this.#read(attempt, "");
        return this.reset({ reason: "unknown-cursor", cursor });
      }
      more = page.more;
      const isWhole = page.events.every((/** @type {JournalEvent} */ event) => this.give(event));
      if (!isWhole || (more && seq === this.seq)) throw new Error(HOLE);
    }
  }

  get query() {
    return new URLSearchParams({
      format: this.format,
      ...(this.cursor && { after: this.cursor }),
    });
  }

  /**
   * @param {Attempt} attempt
   * @param {string} path
   */
  async #read(attempt, path) {
    const told = await (await this.ask(attempt, path, "application/json")).json();
    if (!told.cursor) throw new Error("Not the server's");
    return told;
  }

  /**
   * The answer to a request; nothing but success.
   *
   * @param {Attempt} attempt
   * @param {string} path - Behind the coverage's.
   * @param {string} type - The media type that is wanted.
   * @throws {Failure}
   */
  async ask({ signal }, path, type) {
    // From no cache: one that asks again may first give what it has.
    /** @type {RequestInit} */
    const asked = { headers: { Accept: type }, cache: "no-store", signal };
    const answer = await (this.fetch ?? fetch)(this.address + path, asked);
    const { ok, status, headers } = answer;
    const is = (/** @type {string} */ kind) => headers.get("Content-Type")?.startsWith(kind);
    if (ok && is(type)) {
      this.#call("onTime", Date.parse(headers.get("Date") ?? ""));
      return answer;
    }
    const problem = is("application/problem+json") && (await answer.json()).type;
    const after = headers.get("Retry-After") ?? "";
    const pause = Math.min(60_000, Number(after) * 1_000 || Date.parse(after) - Date.now() || 0);
    throw Object.assign(new Error(`${status} ${this.address}`), { problem, pause });
  }

  /**
   * Takes a block of the stream; of a type that it does not know the data may be no JSON.
   *
   * @param {string | undefined} event - The block's type.
   * @param {string} data
   * @param {Attempt} attempt
   */
  async hear(event, data, attempt) {
    if (event === "reset") this.reset(JSON.parse(data));
    else if (!event || event === "message") await this.take(JSON.parse(data), attempt);
  }

  /**
   * Begins anew behind a cursor of another life, or too far ahead.
   *
   * @param {Reset} details
   */
  reset(details) {
    const was = this.cursor;
    this.cursor = details.cursor;
    this.#call("onReset", details);
    this.relay?.({ reset: details, was });
  }

  /**
   * Tells the state where it has changed.
   *
   * @param {State} state
   */
  tell(state) {
    if (state === this.state || this.isOver) return;
    this.state = state;
    this.#call("onState", state);
    this.relay?.({});
  }

  /**
   * @template {"onEvent" | "onReset" | "onState" | "onTime"} Name
   * @param {Name} name
   * @param {Parameters<NonNullable<Options[Name]>>[0]} value
   */
  #call(name, value) {
    try {
      /** @type {((value: unknown) => void) | undefined} */ (this.options[name])?.(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error; // what a page does wrong must not end its stream
      });
    }
  }
}

/**
 * Whether the coverage is unknown or withdrawn, whose types of problems end alike.
 *
 * @param {unknown} error
 */
export const isGone = (error) =>
  /coverage$/.test(/** @type {string} */ (/** @type {Failure} */ (error).problem));

/** @param {string} cursor */
export const seqOf = (cursor) => Number(cursor.slice(cursor.lastIndexOf("-") + 1));
