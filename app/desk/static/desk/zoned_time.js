/**
 * Times as the newsroom's clocks show them, wherever the browser is.
 */

import { now } from "../clock.js";

const PROBE = 2 * 86_400_000; // ms; further off than any offset, nearer than two changes of clocks
/**
 * @typedef {string | number} Time - RFC 3339, or milliseconds since 1970.
 */

/** @type {Record<string, Intl.DateTimeFormat>} */
const formats = {}; // by zone

/**
 * What a zone's clocks show: `2026-03-01T12:00:00`.
 *
 * @param {Time} at
 * @param {string} zone - IANA's name.
 */
function wall(at, zone) {
  formats[zone] ??= new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return formats[zone].format(new Date(at)).replace(" ", "T").padStart(19, "0");
}

/**
 * What a zone's clocks are ahead of UTC, in ms.
 *
 * @param {number} at
 * @param {string} zone
 */
const offsetAt = (at, zone) => Date.parse(`${wall(at, zone)}Z`) - Math.floor(at / 1_000) * 1_000;

/**
 * What a field for date and time shows: `2026-03-01T12:00`, or nothing for no time.
 *
 * @param {Time} at
 * @param {string} zone
 */
export function toWall(at, zone) {
  return at ? wall(at, zone).replace(/:00$/, "") : "";
}

/**
 * The moments (RFC 3339) that a time on the clocks may mean, the earlier first: two where these are
 * set back. A time that they skip counts on from before the gap: of 02:30 it is 03:30.
 *
 * @param {string} shown
 * @param {string} zone
 *
 * Source: RFC 5545, section 3.3.5.
 */
export function toInstants(shown, zone) {
  const wanted = Date.parse(`${shown}Z`);
  const around = [-PROBE, PROBE].map((off) => wanted - offsetAt(wanted + off, zone));
  const exact = around.filter((at) => at + offsetAt(at, zone) === wanted);
  const found = new Set(exact.length ? exact : [around[0]]);
  return Array.from(found, (at) => new Date(at).toISOString());
}

/**
 * What a zone's clocks differ by at a moment: `UTC+5:45`.
 *
 * @param {Time} at
 * @param {string} zone
 */
export function offsetOf(at, zone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const told = { timeZone: zone, timeZoneName: "shortOffset" };
  const [, offset] = new Date(at).toLocaleTimeString("en", told).split("GMT");
  return `UTC${offset.replace("-", "\u2212").replace(/^\+0$/, "")}`;
}

/**
 * Hours and minutes, with the day where it is not today, and the year where it is another one.
 *
 * @param {Time} at
 * @param {string} zone
 * @param {number} [end] - 19 for seconds too, where they are not 0.
 */
export function clock(at, zone, end = 16) {
  const [shown, today] = [at, now()].map((each) => wall(each, zone));
  const time = shown.slice(11, end).replace(/^(.{5}):00$/, "$1");
  if (shown.slice(0, 10) === today.slice(0, 10)) return time;
  const [year, month, day] = shown.slice(0, 10).split("-");
  // From the page: not every browser knows how each language writes a date.
  const { days = "", years = "", between } = document.querySelector("main").dataset;
  const patterns = year === today.slice(0, 4) ? days : years;
  const date = patterns.split("|")[Number(month) - 1] ?? "";
  return date.replace("{day}", `${Number(day)}`).replace("{year}", year) + between + time;
}

/**
 * When something goes out, beyond doubt: `7 Nov, 01:30 UTC−5 (America/New_York)`.
 *
 * @param {Time} at
 * @param {string} zone
 */
export function due(at, zone) {
  const told = `${clock(at, zone, 19)} ${offsetOf(at, zone)}`;
  return zone === "UTC" ? told : `${told} (${zone})`;
}
