/**
 * What keeps a text from being sent that can be told without the server.
 */

import { changesOf, isEmpty } from "./fields.js";
import { isOnTime } from "./letters.js";
import { now } from "../times.js";

/**
 * @param {object} text
 * @param {string} purpose - What it is sent for.
 * @param {object} fields - `elements` of the form, `isBusy` while a picture is sent, and `unsaid`,
 *   the field of one of which nobody has said what it shows.
 * @returns {[string, HTMLElement?]|null} What is said, by its name in the page, and where it is
 *   mended; null if nothing is in the way.
 */
export function obstacleOf(text, purpose, { elements, isBusy, unsaid }) {
  const { values, saved, mode } = text;
  const { body, note, embargo } = elements;
  if (isEmpty(values)) return ["nothing", body];
  if (isBusy) return ["pictures-under-way"];
  if (purpose === "correct" && !values.note.trim()) return ["note-missing", note];
  const isAhead = Date.parse(values.embargo) > now();
  if (purpose === "schedule" && !isAhead) return ["embargo-missing", embargo];
  const isStanding = mode === "amend" || (purpose === "schedule" && isOnTime(text));
  if (isStanding && !Object.keys(changesOf(saved, values)).length) return ["nothing-changed", body];
  return unsaid ? ["alt-missing", unsaid] : null;
}
