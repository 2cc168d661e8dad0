/**
 * Reads the journal of a live coverage as it grows: each event once, in order, without a hole.
 *
 *     import { subscribe } from "https://live.example/static/dateline.js";
 *     subscribe("harbour-fire", { after: cursor, onEvent: (event) => show(event.entry) });
 *
 * An EventSource hides heartbeats and statuses, so fetch reads the stream; where none comes through,
 * requests are held. `subscribe` is public, the rest for the modules beside this one.
 */

// Milliseconds, where nothing else is said.
const OPENING = 10_000; // until the first bytes; later, something on the way holds them back
const STEADY = 5_000; // after which a stream is no failure, whatever becomes of it
const LONGEST = 30_000; // between two attempts
const POLLING = 120_000; // until the stream is tried again
const HELD = 25; // seconds that a request is held
const [TICK, JUMP] = [5_000, 30_000]; // a clock that jumps has slept
const LATE = "late";
const HOLE = "The history has a hole";
// A status may be a proxy's; these problems are the server's own.
const GONE = "/problems/unknown-coverage";
const OUTDATED = "/problems/unknown-cursor";

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
 *
 * @typedef {{slug: string, title: string, status: string}} Coverage
 *
 * @typedef {object} JournalEvent
 * @property {string} cursor
 * @property {number} seq
 * @property {string} type
 * @property {string} coverage
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
 * The block of an event stream, by its fields.
 * @typedef {{id?: string, event?: string, data?: string, retry?: string}} Block
 *
 * What may be followed while a page is in sight.
 * @typedef {{options: Pick<Options, "signal" | "unseen">, state?: State,
 *   tell: (state: State) => void, readonly cursor?: string, readonly isOver?: boolean}} Followed
 *
 * What a request may fail with: `problem`, the type of the server's own refusal; `pause`,
 * milliseconds until it wants to be asked again.
 * @typedef {Error & {problem?: string | false, pause?: number}} Failure
 */

/**
 * Follows a coverage until it is closed; docs/reference/client.md tells the rest.
 *
 * @param {string} slug
 * @param {Options} [options]
 * @returns {{close: () => void, readonly cursor: string|undefined}} `cursor`: of the last event.
 */
export function subscribe(slug, options = {}) {
  const journal = new Journal(slug, options);
  return keep(journal, (signal) => follow(journal, signal));
}

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
   * Takes a block of the stream; the types that it does not know are for others.
   *
   * @param {string | undefined} event - The block's type.
   * @param {any} data
   * @param {Attempt} attempt
   */
  async hear(event, data, attempt) {
    if (event === "reset") this.reset(data);
    else if (!event || event === "message") await this.take(data, attempt);
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

/** One try: it ends with `signal`, or when nothing comes for as long as it was told. */
export class Attempt extends AbortController {
  heardAt = 0;
  /** @type {number | undefined} */
  openedAt;
  isSteady = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    super();
    signal.addEventListener("abort", () => this.end(), { signal: this.signal });
  }

  /** @param {number} ms */
  expect(ms) {
    clearTimeout(this.#timer);
    if (!this.signal.aborted) this.#timer = setTimeout(() => this.abort(LATE), ms);
  }

  /** @param {number} ms */
  rest(ms) {
    this.expect(ms);
    return new Promise((resolve) => this.signal.addEventListener("abort", resolve));
  }

  end() {
    clearTimeout(this.#timer);
    this.abort();
  }
}

/**
 * Has something followed while its page is in sight; gives the handle.
 *
 * @param {Followed} journal
 * @param {(signal: AbortSignal) => unknown} run
 */
export function keep(journal, run) {
  const { signal, unseen = 120_000 } = journal.options;
  const { document } = globalThis; // a worker has none
  const closing = new AbortController();
  /** @type {AbortController | undefined} */
  let life;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stop = () => {
    clearTimeout(timer);
    life?.abort();
    life = undefined;
  };
  const start = () => {
    clearTimeout(timer);
    if (life || journal.isOver) return;
    journal.tell(journal.state ? "reconnecting" : "connecting");
    life = new AbortController();
    run(life.signal);
  };
  const look = () => {
    if (document?.visibilityState !== "hidden") return start();
    clearTimeout(timer);
    timer = setTimeout(stop, unseen);
  };
  const open = () => {
    start();
    look();
  };
  const close = () => {
    closing.abort();
    stop();
    journal.tell("closed");
  };
  const until = { signal: closing.signal };
  /**
   * @param {EventTarget | undefined} target
   * @param {string} type
   * @param {() => void} act
   */
  const on = (target, type, act) => target?.addEventListener?.(type, act, until);
  on(document, "visibilitychange", look);
  on(document, "freeze", stop);
  on(document, "resume", look);
  on(globalThis, "pagehide", stop); // else it could not be kept for the way back
  on(globalThis, "pageshow", open);
  on(signal, "abort", close);
  open();
  if (signal?.aborted) close();
  return {
    close,
    get cursor() {
      return journal.cursor;
    },
  };
}

/**
 * Reads the stream, again and again, until `signal` ends it.
 *
 * @param {Journal} journal
 * @param {AbortSignal} signal
 */
export async function follow(journal, signal) {
  let failures = 0; // in a row
  let lost = 0; // streams in a row
  let pollsUntil = 0;
  /** @type {Attempt | undefined} */
  let attempt;
  const clock = watch(journal, signal, () => attempt);
  while (!signal.aborted) {
    let pause = 0;
    const begun = Date.now();
    const isPolling = begun < pollsUntil;
    attempt = new Attempt(signal);
    try {
      if (isPolling) {
        const wait = Math.min(HELD, (pollsUntil - begun) / 1_000);
        await journal.fill(attempt, journal.state === "polling" ? wait : 0);
        journal.tell("polling");
        failures = 0;
        pause = begun + 1_000 - Date.now(); // lest a cache on the way answers all the time
      } else {
        pause = await stream(journal, attempt);
        failures = lost = 0;
      }
    } catch (error) {
      const { aborted, reason } = attempt.signal;
      if (isGone(error)) journal.tell("gone");
      if (journal.isOver) break;
      if (!aborted || reason === LATE) {
        if (attempt.isSteady) failures = lost = 0;
        failures += 1;
        lost += isPolling ? 0 : 1;
        const isHeldBack = reason === LATE && !attempt.heardAt;
        // At first it may be no more than dead lines, of which a browser keeps six to use again.
        const polls = lost > 6 ? POLLING : STEADY;
        pollsUntil = !isPolling && (isHeldBack || lost > 2) ? Date.now() + polls : 0;
        pause = Math.random() * Math.min(LONGEST, 1_000 * 2 ** failures);
        if (pollsUntil) pause = 0;
        pause = Math.max(pause, /** @type {Failure} */ (error).pause ?? 0);
      }
      if (pause) journal.tell("reconnecting");
    }
    attempt.end();
    attempt = new Attempt(signal);
    if (!signal.aborted) await attempt.rest(pause);
  }
  attempt?.end();
  clearInterval(clock);
}

/**
 * Ends the attempt under way, or the pause, when the line may be dead without a word.
 *
 * @param {Journal} journal
 * @param {AbortSignal} signal
 * @param {() => Attempt | undefined} attempt
 */
function watch(journal, signal, attempt) {
  const wake = () => attempt()?.abort();
  const { document } = globalThis;
  const look = () => {
    const isFresh = Date.now() - (attempt()?.heardAt ?? 0) < journal.silence / 2;
    if (document.visibilityState === "visible" && !isFresh) wake();
  };
  globalThis.addEventListener?.("online", wake, { signal });
  document?.addEventListener("visibilitychange", look, { signal });
  let ticked = Date.now();
  return setInterval(() => {
    if (Date.now() - ticked > TICK + JUMP) wake();
    ticked = Date.now();
  }, TICK);
}

/**
 * Reads one stream to its end; gives the pause that the server asks for.
 *
 * @param {Journal} journal
 * @param {Attempt} attempt
 */
async function stream(journal, attempt) {
  let pause = 0;
  let isAnnounced = false; // a stream that ends by plan says once more when to come back
  const hear = () => {
    attempt.heardAt = Date.now();
    attempt.openedAt ??= attempt.heardAt;
    attempt.isSteady ||= attempt.heardAt > attempt.openedAt + STEADY;
    attempt.expect(journal.silence);
  };
  attempt.expect(OPENING);
  const answer = await journal.ask(attempt, `/events?${journal.query}`, "text/event-stream");
  try {
    for await (const { id, event, data, retry } of frames(answer.body, hear)) {
      if (id && !journal.cursor) journal.cursor = id;
      if (retry) [isAnnounced, pause] = [pause > 0, Number(retry)];
      journal.tell("live");
      if (data) await journal.hear(event, JSON.parse(data), attempt);
      attempt.expect(journal.silence);
    }
  } catch (error) {
    if (!isAnnounced) throw error;
  }
  if (!isAnnounced) throw new Error("The stream was cut.");
  return pause;
}

/**
 * The blocks of an event stream by their fields.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} body
 * @param {() => void} [hear] - Is called whenever bytes have come.
 * @returns {AsyncGenerator<Block>}
 *
 * Source: WHATWG HTML, section 9.2.6.
 */
export async function* frames(body, hear) {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let isReturned = false; // the last character was a CR, whose LF may come yet
  /** @type {Record<string, string>} */
  let block = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    hear?.();
    const text = decoder.decode(value, { stream: true });
    if (!text) continue;
    const lines = (rest + (isReturned ? text.replace(/^\n/, "") : text)).split(/\r\n|\r|\n/);
    isReturned = text.endsWith("\r");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, name, told] = /^([^:]*):? ?(.*)/s.exec(line) ?? [];
      if (name) block[name] = name === "data" && "data" in block ? `${block.data}\n${told}` : told;
      if (line) continue;
      yield block;
      block = {};
    }
  }
}

/** @param {unknown} error */
export const isGone = (error) => /** @type {Failure} */ (error).problem === GONE;

/** @param {string} cursor */
export const seqOf = (cursor) => Number(cursor.slice(cursor.lastIndexOf("-") + 1));
