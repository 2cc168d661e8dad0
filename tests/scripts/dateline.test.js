import assert from "node:assert/strict";
import test from "node:test";
import { frames, Journal, seqOf } from "../../app/reader/static/dateline.js";

/**
 * The blocks of a stream that comes in pieces.
 *
 * @param {string[]} pieces
 */
async function read(pieces) {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  const blocks = [];
  for await (const block of frames(ReadableStream.from(bytes))) blocks.push(block);
  return blocks;
}

/**
 * @param {number} seq
 * @returns {import("../../app/reader/static/dateline.js").JournalEvent}
 */
const event = (seq) => ({ cursor: `e1-${seq}`, seq, type: "entry.published", coverage: "fire" });

test("A stream is read into blocks, whichever line ends it has and however it is cut.", async () => {
  const lines = [
    ": a comment",
    "retry: 3000",
    "id:1-7",
    "data: one",
    "data:",
    "data:  two ü",
    "",
    "",
  ];
  const expected = [{ retry: "3000", id: "1-7", data: "one\n\n two ü" }];
  for (const end of ["\n", "\r\n", "\r"]) {
    const text = lines.join(end);
    for (let at = 0; at <= text.length; at += 1) {
      assert.deepEqual(
        await read([text.slice(0, at), text.slice(at)]),
        expected,
        `${end} at ${at}`,
      );
    }
    assert.deepEqual(await read([...text]), expected);
  }
});

test("A block that is not ended when the stream ends is not given.", async () => {
  assert.deepEqual(await read(["data: one\n\ndata: two\n"]), [{ data: "one" }]);
});

test("A journal gives each event once and in order, and none behind a hole.", () => {
  /** @type {number[]} */
  const given = [];
  const onEvent = (/** @type {{seq: number}} */ { seq }) => given.push(seq);
  const journal = new Journal("fire", { origin: "https://live.example", after: "e1-3", onEvent });
  assert.deepEqual([3, 4, 6, 4, 5, 6].map((seq) => journal.give(event(seq))), [
    true,
    true,
    false,
    true,
    true,
    true,
  ]);
  assert.deepEqual(given, [4, 5, 6]);
  assert.equal(journal.cursor, "e1-6");
});

test("A closed journal gives nothing, and tells each state once.", () => {
  /** @type {unknown[]} */
  const told = [];
  const tell = (/** @type {unknown} */ each) => told.push(each);
  const options = { origin: "https://live.example", after: "0", onEvent: tell, onState: tell };
  const journal = new Journal("fire", options);
  for (const state of /** @type {const} */ (["live", "live", "closed", "live"])) {
    journal.tell(state);
  }
  journal.give(event(1));
  assert.deepEqual(told, ["live", "closed"]);
});

test("A cursor's place is the number behind its last hyphen.", () => {
  assert.deepEqual(["e1-7", "a-b-12", "0"].map(seqOf), [7, 12, 0]);
});
