import assert from "node:assert/strict";
import test from "node:test";
import { frames } from "../../app/reader/static/event_stream.js";

/**
 * Returns the blocks of a stream that arrives in pieces.
 *
 * @param {string[]} pieces
 */
async function read(pieces) {
  const bytes = pieces.map((piece) => new TextEncoder().encode(piece));
  const blocks = [];
  for await (const block of frames(ReadableStream.from(bytes))) blocks.push(block);
  return blocks;
}

test("A stream is parsed into blocks, with any line ending and split anywhere.", async () => {
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

test("A block that is incomplete when the stream ends is dropped.", async () => {
  assert.deepEqual(await read(["data: one\n\ndata: two\n"]), [{ data: "one" }]);
});
