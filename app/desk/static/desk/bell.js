/**
 * The desk's bell: hints that drafts or visits have changed, which are then read again.
 *
 * The desks of a browser share one stream, whichever coverages they are of: one tab leads, hears it
 * and passes on what it hears. A desk that is out of sight for a while takes no part, and reads
 * everything when it is seen again.
 */

import { frames, keep } from "../dateline.js";
import { elect } from "../election.js";

const SILENCE = 40_000; // ms; the server breaks its own after 15 s
const [FIRST, LONGEST] = [500, 15_000]; // ms until it is tried again
const MOST = 50; // coverages on a stream
const ALONE = 5_000; // ms out of sight; without a channel to the others each has its own stream

/**
 * @param {string} coverage
 * @param {(hint: string) => void} onRing - Gets `drafts` or `visits`.
 */
export function hear(coverage, onRing) {
  const options = globalThis.BroadcastChannel ? {} : { unseen: ALONE };
  const desk = {
    options,
    tell(state) {
      if (this.state) ["drafts", "visits"].forEach(onRing); // it was out of sight
      this.state = state;
    },
  };
  keep(desk, (signal) => join(coverage, onRing, signal));
}

function join(coverage, onRing, signal) {
  let listening = new AbortController();
  let known;
  const ring = (hints) => {
    for (const [where, hint] of hints) if (where === coverage) onRing(hint);
  };
  const tell = (hint) => {
    election.tell([hint]);
    ring([hint]);
  };
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
  const member = { wish: () => coverage, state: () => [], lead, hear: ring };
  const election = elect("dateline desk", member, signal);
}

async function listen(coverages, onRing, signal) {
  const asked = new URLSearchParams(coverages.map((slug) => ["coverage", slug]));
  for (let pause = FIRST; !signal.aborted; pause = Math.min(LONGEST, 2 * pause)) {
    try {
      await read(`/v1/desk?${asked}`, signal, (hint) => {
        pause = FIRST;
        onRing(hint);
      });
    } catch {
      // Whatever was missed is read when it rings again: it does so at the beginning.
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}

async function read(address, signal, onRing) {
  const ending = new AbortController();
  const end = () => ending.abort();
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
      if (event) onRing([JSON.parse(data).coverage, event]);
    }
  } finally {
    clearTimeout(timer);
    end();
  }
}
