/**
 * Reads a journal's stream for as long as it is wanted: again after a failure, with back-off and
 * jitter, and by long-polling where no stream comes through.
 *
 * By fetch, since an EventSource hides heartbeats and statuses.
 */

import { Attempt, LATE, OPENING } from "./attempt.js";
import { frames } from "./event_stream.js";
import { isGone } from "./journal.js";

const STEADY = 5_000; // ms after which a stream is no failure, whatever becomes of it
const LONGEST = 30_000; // ms between two attempts
const POLLING = 120_000; // ms until the stream is tried again
const HELD = 25; // seconds that a request is held
const [TICK, JUMP] = [5_000, 30_000]; // ms; a clock that jumps has slept

/**
 * @typedef {import("./journal.js").Failure} Failure
 * @typedef {import("./journal.js").Journal} Journal
 */

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
      if (data) await journal.hear(event, data, attempt);
      attempt.expect(journal.silence);
    }
  } catch (error) {
    if (!isAnnounced) throw error;
  }
  if (!isAnnounced) throw new Error("The stream was cut.");
  return pause;
}
