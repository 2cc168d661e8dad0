/**
 * The desk's bell: hints that drafts or visits have changed, which are then read again.
 *
 * A browser opens six lines to a server at most, so its tabs share one bell: whoever has the lock
 * hears it, and passes on what it hears.
 */

import { frames } from "../dateline.js";

const SILENCE = 40_000; // ms; the server breaks its own after 15 s
const [FIRST, LONGEST] = [500, 15_000]; // ms until it is tried again

/**
 * @param {string} path - Of the coverage's API.
 * @param {(hint: string) => void} onRing - Gets `drafts` or `visits`.
 */
export function hear(path, onRing) {
  const { BroadcastChannel, navigator } = globalThis;
  if (!navigator.locks || !BroadcastChannel) return void listen(`${path}/desk`, onRing);
  const name = `dateline desk ${path}`;
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => onRing(data);
  const lead = () =>
    listen(`${path}/desk`, (hint) => {
      onRing(hint);
      channel.postMessage(hint);
    });
  navigator.locks.request(name, lead);
}

async function listen(address, onRing) {
  for (let pause = FIRST; ; pause = Math.min(LONGEST, 2 * pause)) {
    try {
      await read(address, (hint) => {
        pause = FIRST;
        onRing(hint);
      });
    } catch {
      // Whatever was missed is read when it rings again: it does so at the beginning.
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
  }
}

async function read(address, onRing) {
  const ending = new AbortController();
  let timer;
  const hear = () => {
    clearTimeout(timer);
    timer = setTimeout(() => ending.abort(), SILENCE);
  };
  hear();
  try {
    const headers = { Accept: "text/event-stream" };
    const answer = await fetch(address, { headers, cache: "no-store", signal: ending.signal });
    if (!answer.ok) return;
    for await (const { event } of frames(answer.body, hear)) if (event) onRing(event);
  } finally {
    clearTimeout(timer);
  }
}
