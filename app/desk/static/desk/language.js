/**
 * The language of the page, in which whoever works here reads it.
 */

const rules = new Intl.PluralRules(globalThis.document?.documentElement.lang || "en");

/**
 * The plural category (CLDR) of a number.
 *
 * @param {number} count
 */
export const categoryOf = (count) => rules.select(count);
