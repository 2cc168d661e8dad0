/**
 * The language of the page, in which whoever works here reads it.
 */

const lang = globalThis.document?.documentElement.lang || "en";

/** For times and numbers: in the digits that the server writes them in. */
export const locale = `${lang}-u-nu-latn`;

const rules = new Intl.PluralRules(lang);

/**
 * The plural category (CLDR) of a number.
 *
 * @param {number} count
 */
export const categoryOf = (count) => rules.select(count);
