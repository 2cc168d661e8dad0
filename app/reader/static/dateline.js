/**
 * Reads the journal of a live coverage as it grows: each event once, in order, without a hole.
 *
 *     import { subscribe } from "https://live.example/static/dateline.js";
 *     subscribe("harbour-fire", { after: cursor, onEvent: (event) => show(event.entry) });
 */

import { Journal } from "./journal.js";
import { follow } from "./journal_reader.js";
import { keep } from "./page_lifecycle.js";

/**
 * Follows a coverage until it is closed; docs/reference/client.md tells the rest.
 *
 * @param {string} slug
 * @param {import("./journal.js").Options} [options]
 * @returns {{close: () => void, readonly cursor: string|undefined}} `cursor`: of the last event.
 */
export function subscribe(slug, options = {}) {
  const journal = new Journal(slug, options);
  return keep(journal, (signal) => follow(journal, signal));
}
