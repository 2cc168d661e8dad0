import assert from "node:assert/strict";
import test from "node:test";
import { followAll } from "../../app/reader/static/combined_stream.js";
import { Journal } from "../../app/reader/static/journal.js";
import { follow } from "../../app/reader/static/journal_reader.js";

const event = { cursor: "e1-4", seq: 4, type: "figures.changed", coverage: "fire", html: "<p>" };
const STREAM = `id: e1-3\nretry: 9\n\nevent: figures\ndata: no JSON\n\ndata: ${
  JSON.stringify(event)
}\n\n`;

/**
 * Reads the stream; gives the events and the states that come of it.
 *
 * @param {(journal: Journal, signal: AbortSignal) => unknown} read
 */
async function received(read) {
  const end = new AbortController();
  /** @type {string[]} */
  const states = [];
  /** @type {unknown[]} */
  const events = [];
  await new Promise((done) => {
    const journal = new Journal("fire", {
      origin: "https://live.example",
      after: "e1-3",
      onState: (state) => states.push(state),
      onEvent: (each) => done(events.push(each)),
    });
    const headers = { "Content-Type": "text/event-stream" };
    journal.fetch = () => Promise.resolve(new Response(STREAM, { headers }));
    read(journal, end.signal);
  });
  end.abort();
  return { events, states };
}

const expected = { events: [event], states: ["live"] };

test("A stream goes on after a block of an unknown type, and delivers events of unknown types.", async () => {
  assert.deepEqual(await received(follow), expected);
});

test("So does a stream of several coverages.", async () => {
  assert.deepEqual(await received((journal, signal) => followAll([journal], signal)), expected);
});
