/**
 * One stream for all tabs of a browser that follow the same coverage.
 *
 * Tabs in sight ask for a lock; who has it leads: it reads the stream and passes on what comes. The
 * others hold that against their own cursor, and fetch what they miss. A leader that goes leaves
 * the lock to the next one; for one that does not answer nobody waits.
 */

import { Attempt, Journal, follow, keep, seqOf } from "./dateline.js";
import { now } from "./times.js";

const BEAT = 3_000; // ms; a leader is asked after two beats of silence, and given up after three

// It keeps no page for the way back that has a request of its own under way, or a lock, when it is
// left. No feature tells; other browsers keep the page all the same, and are spared a worker.
const isFirefox = globalThis.navigator?.userAgent?.includes("Firefox/");

/** As `subscribe`; without locks (on a page that is not secure) each tab has its own stream. */
export function share(slug, options = {}) {
  const journal = new Journal(slug, options);
  if (isFirefox) {
    const line = import("./line.js").catch(() => globalThis);
    journal.fetch = async (...asked) => (await line).fetch(...asked);
  }
  return keep(journal, (signal) => {
    try {
      const { navigator, BroadcastChannel } = globalThis;
      (navigator?.locks && BroadcastChannel ? join : follow)(journal, signal);
    } catch {
      follow(journal, signal); // a page without storage may have no channel
    }
  });
}

function join(journal, signal) {
  const name = `dateline 1 ${journal.format} ${journal.address}`;
  const channel = new BroadcastChannel(name);
  let [isLeader, quiet, wanted] = [false, 1, 0];
  let own, filling; // while they go on

  const tell = (news) => {
    if (!isLeader) return;
    channel.postMessage({ at: journal.cursor, state: journal.state, time: now(), ...news });
  };

  const stand = () => {
    if (own || signal.aborted) return;
    own = new AbortController();
    follow(journal, own.signal);
  };

  const apply = () => {
    const bid = new Attempt(signal);
    const lead = () => {
      if (bid.signal.aborted) return;
      isLeader = true;
      stand();
      tell();
      return new Promise((release) => bid.signal.addEventListener("abort", release));
    };
    const leave = () => {
      isLeader = false; // it reads on until another one speaks
      bid.end();
      setTimeout(apply, 3 * BEAT); // the page may stay: a download, a refusal
    };
    navigator.locks
      .request(name, { signal: bid.signal }, lead)
      .catch(() => bid.signal.aborted || stand());
    if (isFirefox) globalThis.addEventListener("beforeunload", leave, { once: true, signal });
  };

  const catchUp = async (seq) => {
    wanted = Math.max(wanted, seq);
    if (filling) return;
    filling = new Attempt(signal);
    try {
      for (let last; journal.seq < wanted && journal.seq !== last; ) {
        last = journal.seq;
        await journal.fill(filling);
      }
    } catch {
      // The leader says again where it is.
    }
    filling = filling.end();
  };

  channel.onmessage = ({ data: { ask, at, event, reset, state, time } }) => {
    if (ask || isLeader) return ask && tell();
    journal.options.onTime?.(time);
    if (reset && !isOneLife(at, journal.cursor)) journal.reset(reset);
    if (at && !journal.cursor) journal.cursor = at;
    if (at && !isOneLife(at, journal.cursor)) return; // one of us is wrong: the server knows
    quiet = 0;
    own = own?.abort();
    if (event) journal.give(event);
    if (at) catchUp(seqOf(at));
    journal.tell(state);
  };

  const clock = setInterval(() => {
    if (isLeader) return;
    quiet += 1;
    if (quiet > 1) channel.postMessage({ ask: true });
    if (quiet > 2) stand();
  }, BEAT);

  signal.addEventListener("abort", () => {
    isLeader = false;
    clearInterval(clock);
    own?.abort();
    channel.close();
  });
  journal.relay = tell;
  channel.postMessage({ ask: true });
  apply();
}

/** Whether two cursors are of the same life of the journal; `0` is of any. */
function isOneLife(one, other = one) {
  const [mine, theirs] = [one, other].map((cursor) => cursor.split("-"));
  return !mine[1] || !theirs[1] || mine[0] === theirs[0];
}
