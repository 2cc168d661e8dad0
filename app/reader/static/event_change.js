/**
 * What an event of the journal changes, whether its type is known or not.
 *
 * A server of a later version has types that this script does not know. Each carries the whole state
 * of what it changes, so the family in the first half of its type is enough to show it.
 *
 * @typedef {object} Change
 * @property {string} kind - The second half of the type.
 * @property {import("./journal.js").Entry | false} [entry] - What an event of the family `entry`
 *   changes.
 * @property {import("./journal.js").Coverage | false} [details] - What one of the family `coverage`
 *   changes.
 */

/**
 * The change that an event makes; without an entry and details if the event is to be ignored.
 *
 * @param {import("./journal.js").JournalEvent} event
 * @returns {Change}
 */
export function changeOf({ type, entry, details }) {
  const [family, kind] = type.split(".");
  return { kind, entry: family === "entry" && entry, details: family === "coverage" && details };
}
