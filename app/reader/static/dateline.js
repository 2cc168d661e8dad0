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
 * Follows a coverage until it is closed; docs/reference/client.md tells the rest.
 *
 * @param {string} slug
 * @param {{after?: string, format?: "json"|"html", origin?: string, signal?: AbortSignal,
 *   silence?: number, unseen?: number, onEvent?: (event: object) => void,
 *   onReset?: (reset: {reason: string, cursor: string}) => void,
 *   onState?: (state: string) => void, onTime?: (time: number) => void}} [options]
 * @returns {{close: () => void, cursor: string|undefined}} `cursor`: of the last event.
 */
export function subscribe(slug, options = {}) {
  const journal = new Journal(slug, options);
  return keep(journal, (signal) => follow(journal, signal));
}

/** A journal up to a cursor, and those who are told what lies behind it. */
export class Journal {
  #cursor;

  constructor(slug, options) {
    const { after, format, origin = new URL(import.meta.url).origin } = options;
    Object.assign(this, { slug, origin, options });
    this.format = format ?? "json";
    this.silence = options.silence ?? 45_000; // the server breaks its own every 20 s
    this.address = `${origin}/v1/coverages/${encodeURIComponent(slug)}`;
    if (after != null) this.cursor = after;
  }

  get cursor() {
    return this.#cursor;
  }

  set cursor(cursor) {
    this.#cursor = String(cursor);
    this.seq = seqOf(this.#cursor);
  }

  /** Gives an event if it is the next one; false if others are missing before it. */
  give(event) {
    if (event.seq > this.seq + 1) return false;
    if (event.seq <= this.seq || this.isOver) return true;
    this.cursor = event.cursor;
    this.#call("onEvent", event);
    this.relay?.({ event });
    return true;
  }

  /** Gives an event, and before it whatever is missing. */
  async take(event, attempt) {
    if (this.give(event)) return;
    await this.fill(attempt);
    if (!this.give(event)) throw new Error(HOLE);
  }

  /** Gives what there is behind the cursor; waits so many seconds if there is nothing. */
  async fill(attempt, wait = 0) {
    for (let more = true; more; ) {
      attempt.expect(OPENING + wait * 1_000);
      if (!this.cursor) this.cursor = (await this.#read(attempt, "")).cursor;
      const { seq } = this;
      let page;
      try {
        page = await this.#read(attempt, `/events?${this.query}&wait=${wait}`);
      } catch (error) {
        if (error.problem !== OUTDATED) throw error;
        const { cursor } = await this.#read(attempt, "");
        return this.reset({ reason: "unknown-cursor", cursor });
      }
      more = page.more;
      const isWhole = page.events.every((event) => this.give(event));
      if (!isWhole || (more && seq === this.seq)) throw new Error(HOLE);
    }
  }

  get query() {
    return new URLSearchParams({
      format: this.format,
      ...(this.cursor && { after: this.cursor }),
    });
  }

  async #read(attempt, path) {
    const told = await (await this.ask(attempt, path, "application/json")).json();
    if (!told.cursor) throw new Error("Not the server's");
    return told;
  }

  /** The answer to a request; nothing but success. What it fails with has the `problem`, if any. */
  async ask({ signal }, path, type) {
    // From no cache: one that asks again may first give what it has.
    const asked = { headers: { Accept: type }, cache: "no-store", signal };
    const answer = await (this.fetch ?? fetch)(this.address + path, asked);
    const { ok, status, headers } = answer;
    const is = (kind) => headers.get("Content-Type")?.startsWith(kind);
    if (ok && is(type)) {
      this.#call("onTime", Date.parse(headers.get("Date")));
      return answer;
    }
    const problem = is("application/problem+json") && (await answer.json()).type;
    const after = headers.get("Retry-After");
    const pause = Math.min(60_000, after * 1_000 || Date.parse(after) - Date.now() || 0);
    throw Object.assign(new Error(`${status} ${this.address}`), { problem, pause });
  }

  /** Takes a block of the stream; the types that it does not know are for others. */
  async hear(event, data, attempt) {
    if (event === "reset") this.reset(data);
    else if (!event || event === "message") await this.take(data, attempt);
  }

  /** Begins anew behind a cursor of another life, or too far ahead. */
  reset(details) {
    const was = this.cursor;
    this.cursor = details.cursor;
    this.#call("onReset", details);
    this.relay?.({ reset: details, was });
  }

  /** Tells the state where it has changed. */
  tell(state) {
    if (state === this.state || this.isOver) return;
    this.state = state;
    this.isOver = state === "closed" || state === "gone";
    this.#call("onState", state);
    this.relay?.({});
  }

  #call(name, value) {
    try {
      this.options[name]?.(value);
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
  #timer;

  constructor(signal) {
    super();
    signal.addEventListener("abort", () => this.end(), { signal: this.signal });
  }

  expect(ms) {
    clearTimeout(this.#timer);
    if (!this.signal.aborted) this.#timer = setTimeout(() => this.abort(LATE), ms);
  }

  rest(ms) {
    this.expect(ms);
    return new Promise((resolve) => this.signal.addEventListener("abort", resolve));
  }

  end() {
    clearTimeout(this.#timer);
    this.abort();
  }
}

/** Has the journal followed while its page is in sight; gives the handle. */
export function keep(journal, run) {
  const { signal, unseen = 120_000 } = journal.options;
  const { document } = globalThis; // a worker has none
  const closing = new AbortController();
  let life, timer;
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

/** Reads the stream, again and again, until `signal` ends it. */
export async function follow(journal, signal) {
  let failures = 0; // in a row
  let lost = 0; // streams in a row
  let pollsUntil = 0;
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
        lost += !isPolling;
        const isHeldBack = reason === LATE && !attempt.heardAt;
        // At first it may be no more than dead lines, of which a browser keeps six to use again.
        const polls = lost > 6 ? POLLING : STEADY;
        pollsUntil = !isPolling && (isHeldBack || lost > 2) ? Date.now() + polls : 0;
        pause = Math.random() * Math.min(LONGEST, 1_000 * 2 ** failures);
        if (pollsUntil) pause = 0;
        pause = Math.max(pause, error.pause ?? 0);
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

/** Ends the attempt under way, or the pause, when the line may be dead without a word. */
function watch(journal, signal, attempt) {
  const wake = () => attempt()?.abort();
  const { document } = globalThis;
  const look = () => {
    const isFresh = Date.now() - attempt()?.heardAt < journal.silence / 2;
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

/** Reads one stream to its end; gives the pause that the server asks for. */
async function stream(journal, attempt) {
  let pause = 0;
  let isAnnounced = false; // a stream that ends by plan says once more when to come back
  const hear = () => {
    attempt.heardAt = Date.now();
    attempt.isSteady ||= attempt.heardAt > attempt.openedAt + STEADY;
    attempt.openedAt ??= attempt.heardAt;
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

/** The blocks of an event stream by their fields (WHATWG HTML, section 9.2.6). */
export async function* frames(body, hear) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let isReturned = false; // the last character was a CR, whose LF may come yet
  let block = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    hear?.();
    const text = decoder.decode(value, { stream: true });
    if (!text) continue;
    const lines = (rest + (isReturned ? text.replace(/^\n/, "") : text)).split(/\r\n|\r|\n/);
    isReturned = text.endsWith("\r");
    rest = lines.pop();
    for (const line of lines) {
      const [, name, told] = /^([^:]*):? ?(.*)/s.exec(line);
      if (name) block[name] = name === "data" && "data" in block ? `${block.data}\n${told}` : told;
      if (line) continue;
      yield block;
      block = {};
    }
  }
}

export const isGone = ({ problem }) => problem === GONE;

export const seqOf = (cursor) => Number(cursor.slice(cursor.lastIndexOf("-") + 1));
