/**
 * Offers to choose from by a few letters: each word that is typed begins a word of the offer.
 *
 * @template [Value=unknown]
 * @typedef {{label: string, value: Value, about?: string}} Offer - `about` is shown behind the label,
 *   and not looked through.
 */

/**
 * Words as they are compared: without case, accents and signs.
 *
 * @param {string} text
 */
function wordsOf(text) {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
}

/**
 * The offers that match what is typed: the exact one, then those whose words come first; where these
 * are equal the order stays.
 *
 * @template Value
 * @param {string} typed
 * @param {Offer<Value>[]} offers
 * @returns {Offer<Value>[]}
 */
export function matching(typed, offers) {
  const asked = wordsOf(typed);
  const ranked = offers.map((offer) => {
    const words = wordsOf(offer.label);
    const places = asked.map((part) => words.findIndex((word) => word.startsWith(part)));
    const isMatch = places.every((place) => place >= 0);
    const isExact = asked.join(" ") === words.join(" ");
    const rank = isExact ? -1 : places.reduce((sum, place) => sum + place, 0);
    return { offer, isMatch, rank };
  });
  const found = ranked.filter(({ isMatch }) => isMatch);
  return found.sort((one, other) => one.rank - other.rank).map(({ offer }) => offer);
}

/**
 * Whether two names are of the same: without case, and with white space collapsed, as the server
 * compares them.
 *
 * @param {string} one
 * @param {string} other
 */
export function isSame(one, other) {
  const [a, b] = [one, other].map((name) => name.trim().replace(/\s+/g, " ").toLowerCase());
  return a === b;
}

/**
 * The names in a list, each once, in the order of their first appearance.
 *
 * @param {string[]} names
 */
export function distinct(names) {
  return names.filter((name, at) => {
    return name && names.findIndex((other) => isSame(name, other)) === at;
  });
}
