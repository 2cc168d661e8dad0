import assert from "node:assert/strict";
import test from "node:test";
import { setClock } from "../../app/reader/static/clock.js";
import { clock, due, offsetOf, toInstants, toWall } from "../../app/desk/static/desk/zoned_time.js";

test("A local time that occurs twice has two instants, the earlier first.", () => {
  assert.deepEqual(toInstants("2026-11-01T01:30", "America/New_York"), [
    "2026-11-01T05:30:00.000Z",
    "2026-11-01T06:30:00.000Z",
  ]);
});

test("A skipped local time is resolved with the offset before the gap.", () => {
  const [at, ...others] = toInstants("2026-03-29T02:30", "Europe/Berlin");
  assert.deepEqual(others, []);
  assert.equal(toWall(at, "Europe/Berlin"), "2026-03-29T03:30");
});

test("An instant is formatted with its offset and zone, except in UTC.", () => {
  setClock(Date.parse("2021-11-07T06:00:00Z"));
  assert.equal(offsetOf("2026-03-01T12:00:00Z", "Asia/Kathmandu"), "UTC+5:45");
  assert.equal(offsetOf("2026-03-01T12:00:00Z", "UTC"), "UTC");
  assert.equal(due("2021-11-07T06:30:00Z", "America/New_York"), "01:30 UTC−5 (America/New_York)");
});

test("A time of another day has its date as the page's language writes it.", () => {
  const dataset = { days: "{day} հնվ|{day} փտվ", years: "{year} թ. հնվ {day}", between: ", " };
  Object.assign(globalThis, { document: { querySelector: () => ({ dataset }) } });
  setClock(Date.parse("2026-01-15T12:00:00Z"));
  assert.equal(clock("2026-02-03T23:30:00Z", "Asia/Yerevan"), "4 փտվ, 03:30");
  assert.equal(clock("2025-01-31T01:02:03Z", "UTC"), "2025 թ. հնվ 31, 01:02");
  assert.equal(clock("2026-01-15T08:00:00Z", "UTC"), "08:00");
});
