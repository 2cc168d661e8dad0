/**
 * The desk's change feed: hints that drafts or visits have changed, which are then read again.
 *
 * The desks of a browser share one stream, whichever coverages they are of: one tab leads, hears it
 * and passes on what it hears. A desk that is out of sight for a while takes no part, and reads
 * everything when it is seen again.
 */

import { frames } from "../event_stream.js";
import { elect } from "../leader_election.js";
import { keep } from "../page_lifecycle.js";

const SILENCE = 40_000; // ms; the server breaks its own after 15 s
const [FIRST, LONGEST] = [500, 15_000]; // ms until it is tried again
const MOST = 50; // coverages on a stream
const HINTS = ["drafts", "visits"];
const ALONE = 5_000; // ms out of sight; without a channel to the others each has its own stream

/**
 * What has changed: in which coverage, `drafts` or `visits`.
 *
 * @typedef {[coverage: string, what: string]} Hint
 */

/**
 * @param {string} coverage
 * @param {(what: string) => void} onChange - Gets `drafts` or `visits`.
 */
export function followChanges(coverage, onChange) {
  const options = globalThis.BroadcastChannel ? {} : { unseen: ALONE };
  /** @type {import("../page_lifecycle.js").Followed} */
  const desk = {
    options,
    tell(state) {
      if (this.state) { for (const what of HINTS) onChange(what); // it was out of sight
       }
      this.state = state;
    },
  };
  keep(desk, (signal) => join(coverage, onChange, signal));
}

/**
 * @param {string} coverage
 * @param {(what: string) => void} onChange
 * @param {AbortSignal} signal
 */
function join(coverage, onChange, signal) {
  let listening = new AbortController();
  let known = "";
  /** @param {Hint[]} hints */
  const hear = (hints) => {
    for (const [where, what] of hints) if (where === coverage) onChange(what);
  };
  /** @param {Hint} hint */
  const tell = (hint) => {
    election.tell([hint]);
    hear([hint]);
  };
  /** @param {string[]} wishes */
  const lead = (wishes) => {
    const coverages = [...new Set(wishes)].sort();
    if (coverages.join() === known) return;
    known = coverages.join();
    listening.abort();
    listening = new AbortController();
    for (let at = 0; at < coverages.length; at += MOST) {
      listen(coverages.slice(at, at + MOST), tell, listening.signal);
    }
  };
  const member = { wish: () => coverage, state: () => [], lead, hear };
  const election = elect("dateline desk", member, signal);
}

/**
 * @param {string[]} coverages
 * @param {(hint: Hint) => void} onHint
 * @param {AbortSignal} signal
 */
async function listen(coverages, onHint, signal) {
  const asked = new URLSearchParams(coverages.map((slug) => ["coverage", slug]));
  for (let pause = FIRST; !signal.aborted; pause = Math.min(LONGEST, 2 * pause)) {
    try {
      await read(`/v1/desk?${asked}`, signal, (hint) => {
        pause = FIRST;
        onHint(hint);
      });
    } catch {
      // Whatever was missed is read at the next hint: a stream begins with one.
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}

/**
 * @param {string} address
 * @param {AbortSignal} signal
 * @param {(hint: Hint) => void} onHint
 */
async function read(address, signal, onHint) {
  const ending = new AbortController();
  const end = () => ending.abort();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const hear = () => {
    clearTimeout(timer);
    timer = setTimeout(end, SILENCE);
  };
  hear();
  signal.addEventListener("abort", end, { signal: ending.signal });
  try {
    const headers = { Accept: "text/event-stream" };
    const answer = await fetch(address, { headers, cache: "no-store", signal: ending.signal });
    const isStream = answer.headers.get("Content-Type")?.startsWith(headers.Accept);
    if (!answer.ok || !isStream) return;
    for await (const { event, data } of frames(answer.body, hear)) {
      if (event && data && HINTS.includes(event)) onHint([JSON.parse(data).coverage, event]);
    }
  } finally {
    clearTimeout(timer);
    end();
  }
}
