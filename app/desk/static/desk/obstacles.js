/**
 * What keeps a text from being sent that can be told without the server.
 */

import { changesOf, isEmpty } from "./fields.js";
import { toInstant } from "./moments.js";

/**
 * @param {object} text
 * @param {string} purpose - What it is sent for.
 * @param {object} fields - `elements` of the form, `isBusy` while a picture is sent, `unsaid`, the
 *   field of one of which nobody has said what it shows, and `zone`.
 * @returns {[string, HTMLElement?]|null} What is said, by its name in the page, and where it is
 *   mended; null if nothing is in the way.
 */
export function obstacleOf({ values, saved, mode }, purpose, { elements, isBusy, unsaid, zone }) {
  const { body, note, embargo } = elements;
  if (isEmpty(values)) return ["nothing", body];
  if (isBusy) return ["pictures-under-way"];
  if (purpose === "correct" && !values.note.trim()) return ["note-missing", note];
  const isAhead = values.embargo && Date.parse(toInstant(values.embargo, zone)) > Date.now();
  if (purpose === "schedule" && !isAhead) return ["embargo-missing", embargo];
  const isSame = mode === "amend" && !Object.keys(changesOf(saved, values, zone)).length;
  if (isSame) return ["nothing-changed", body];
  return unsaid ? ["alt-missing", unsaid] : null;
}
