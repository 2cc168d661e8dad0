/**
 * Placeholders: what is to be filled in, in braces, as templates have them.
 */

const PLACEHOLDER = /(?<!\{)\{\p{L}[^{}\n]{0,79}\}(?!\})/gu;

/**
 * Where the placeholders of a text begin and end.
 *
 * @param {string} text
 */
export function placeholdersIn(text) {
  return [...text.matchAll(PLACEHOLDER)].map(({ 0: found, index }) => {
    return { start: index, end: index + found.length };
  });
}
