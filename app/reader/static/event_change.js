/**
 * What an event of the journal changes, whether its type is known or not.
 *
 * A server of a later version has types that this script does not know. Each carries the whole state
 * of what it changes, so the family in the first half of its type is enough to show it.
 *
 * @typedef {import("./journal.js").JournalEvent} JournalEvent
 */

/**
 * The entry that an event of the family `entry` changes, or the coverage that one of the family
 * `coverage` changes; neither where the event is to be ignored.
 *
 * @param {JournalEvent} event
 * @returns {{kind: string, entry?: import("./journal.js").Entry,
 *   details?: import("./journal.js").Coverage}} `kind` is the second half of the type.
 */
export function changeOf({ type, entry, details }) {
  const [family, kind] = type.split(".");
  if (family === "entry") return { kind, entry };
  return family === "coverage" ? { kind, details } : { kind };
}
