/**
 * One stream for all tabs of a browser, whichever coverages they follow.
 *
 * Over HTTP/1.1 a browser opens six lines to a server, and what is sent would wait behind streams.
 * So one tab leads (leader_election.js): it reads what all of them follow, and passes on what comes. Each
 * holds that against its own cursor, and fetches what it misses.
 */

import { Attempt } from "./attempt.js";
import { Journal, seqOf } from "./journal.js";
import { follow } from "./journal_reader.js";
import { elect } from "./leader_election.js";
import { keep } from "./page_lifecycle.js";

const ALONE = 5_000; // ms out of sight; without a channel to the others each has its own stream

// It keeps no page for the way back that has a request of its own under way when it is left. No
// feature tells; other browsers keep the page all the same, and are spared a worker.
const isFirefox = globalThis.navigator?.userAgent?.includes("Firefox/");

/**
 * @typedef {import("./journal.js").News} News
 *
 * What a tab wants to be read.
 * @typedef {{slug: string, format: "json"|"html", silence: number, after: string|undefined}} Wish
 *
 * A journal that the leader reads, and how far the server's clock is ahead of the page's counter.
 * @typedef {Journal & {ahead?: number}} Relay
 */

/**
 * As `subscribe`, with one stream for all tabs of the page's origin.
 *
 * @param {string} slug
 * @param {import("./journal.js").Options} [options]
 */
export function share(slug, options = {}) {
  const unseen = globalThis.BroadcastChannel ? undefined : ALONE;
  const journal = new Journal(slug, { unseen, ...options });
  if (isFirefox) {
    const line = import("./worker_fetch.js").catch(() => globalThis);
    /** @param {any[]} asked */
    journal.fetch = async (...asked) => (await line).fetch(.../** @type {[any, any]} */ (asked));
  }
  return keep(journal, (signal) => join(journal, signal));
}

/**
 * @param {Journal} journal
 * @param {AbortSignal} signal
 */
function join(journal, signal) {
  const { slug, origin, format, silence } = journal;
  /** @type {Map<string, Relay>} */
  const relays = new Map(); // by slug: what is read while this tab leads
  let wanted = 0; // a seq
  let reading = new AbortController();
  /** @type {Attempt | undefined} */
  let filling;
  /** @type {string | undefined} */
  let known;

  /** @param {News} news */
  const tell = (news) => {
    election.tell([news]);
    hear([news]);
  };

  /** @param {Wish} wish */
  const relayOf = ({ slug, after, ...options }) => {
    const onTime = (/** @type {number} */ time) => {
      relay.ahead = time - performance.now();
      tell(stateOf(relay));
    };
    /** @type {Relay} */
    const relay = relays.get(slug) ?? new Journal(slug, { origin, after, onTime, ...options });
    relay.format = options.format;
    relay.fetch = journal.fetch;
    relay.relay = (news) => relays.get(slug) === relay && tell({ ...stateOf(relay), ...news });
    return relay;
  };

  /** @param {Wish[]} wishes */
  const lead = (wishes) => {
    const merged = [...merge(wishes).values()];
    const names = merged.map(({ slug, format }) => `${slug} ${format}`).sort().join();
    if (names === known) return;
    known = names;
    const next = merged.map(relayOf);
    relays.clear();
    for (const relay of next) relays.set(relay.slug, relay);
    reading.abort();
    reading = new AbortController();
    read([...relays.values()], reading.signal).catch(() => (known = ""));
  };

  /** @param {number} seq */
  const catchUp = async (seq) => {
    wanted = seq;
    if (filling) return;
    filling = new Attempt(signal);
    try {
      for (let last = NaN; journal.seq < wanted && journal.seq !== last;) {
        last = journal.seq;
        await journal.fill(filling);
      }
    } catch {
      // The leader says again where it is.
    }
    filling.end();
    filling = undefined;
  };

  /** @param {News} news */
  const take = ({ at, state, event, reset, was, time }) => {
    journal.options.onTime?.(time ?? NaN);
    // Who has more than the leader had is not the one that has to begin anew.
    const isBehind = !isOneLife(at, journal.cursor) || !(seqOf(was ?? "0") < journal.seq);
    if (reset && isBehind) journal.reset(reset);
    if (at && !journal.cursor) journal.cursor = at;
    if (at && !isOneLife(at, journal.cursor)) return catchUp(Infinity); // the server knows
    if (event) journal.give(format === "html" ? event : { ...event, html: undefined });
    if (at) catchUp(seqOf(at));
    if (state) journal.tell(state);
    if (journal.isOver) election.change();
  };

  /** @param {News[]} news */
  const hear = (news) => {
    for (const each of news) if (each.slug === slug && !journal.isOver) take(each);
  };

  const wish = () => !journal.isOver && { slug, format, silence, after: journal.cursor };
  const state = () => [...relays.values()].map(stateOf);
  const election = elect(origin, { wish, state, lead, hear }, signal);
}

/**
 * Where a journal is, for the others, and the server's time.
 *
 * @param {Relay} relay
 * @returns {News}
 */
function stateOf({ slug, cursor, state, ahead = NaN }) {
  return { slug, at: cursor, state, time: ahead + performance.now() };
}

/**
 * What several tabs wish, by slug: from the foremost on, since who has less can fetch it.
 *
 * @param {Wish[]} wishes
 */
export function merge(wishes) {
  /** @type {Map<string, Wish>} */
  const merged = new Map();
  for (const wish of wishes) {
    const { silence, after, format } = merged.get(wish.slug) ?? wish;
    const isAhead = !after || seqOf(wish.after ?? "0") > seqOf(after);
    merged.set(wish.slug, {
      slug: wish.slug,
      silence: Math.min(silence, wish.silence),
      after: isAhead ? wish.after : after,
      format: format === "html" ? format : wish.format,
    });
  }
  return merged;
}

/**
 * @param {Journal[]} journals
 * @param {AbortSignal} signal
 */
async function read(journals, signal) {
  if (journals.length < 2) return journals.map((journal) => follow(journal, signal));
  const { followAll } = await import("./combined_stream.js");
  if (!signal.aborted) followAll(journals, signal);
}

/**
 * Whether two cursors are of the same life of the journal; `0`, and none, is of any.
 *
 * @param {string} [one]
 * @param {string} [other]
 */
export function isOneLife(one = "0", other = one) {
  const [mine, theirs] = [one, other].map((cursor) => cursor.split("-"));
  return !mine[1] || !theirs[1] || mine[0] === theirs[0];
}
