/**
 * The language of the page, in which whoever works here reads it.
 */

import { categoryOf as find } from "../plural.js";

/**
 * The plural category (CLDR) of a number.
 *
 * @param {number} count
 */
export const categoryOf = (count) =>
  find(count, globalThis.document?.documentElement.dataset.plurals);
