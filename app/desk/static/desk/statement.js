/**
 * Claims and figures as the composer has them, and as the API is told of them.
 *
 * How far something is established, as it was read with it: an unchanged assessment is not sent, so
 * that a new spelling of a source takes back no assessment that was made meanwhile.
 *
 * @typedef {"reported"|"confirmed"|"disputed"|"false"|"withdrawn"} Status
 * @typedef {{name: string, url: string | null}} Source
 * @typedef {{low: number | null, high: number | null, about: boolean, text: string | null}} Bounds
 *
 * @typedef {object} ApiClaim
 * @property {string} id
 * @property {Source} source
 * @property {string | null} text
 * @property {Status} status
 * @property {string | null} note
 *
 * @typedef {{metric: string, group: string | null, source: Source, as_of: string | null,
 *   status: Status, note: string | null} & Bounds} ApiFigure
 *
 * In the composer, where what is left out is an empty text.
 * @typedef {object} Claim
 * @property {string} [id] - The server's, of a claim that it knows.
 * @property {string} source
 * @property {string} url
 * @property {string} text
 * @property {Status} status
 * @property {string} note
 * @property {[Status, string]} [known] - The assessment that the server has.
 *
 * @typedef {object} Figure
 * @property {string} metric
 * @property {string} group
 * @property {string} value - As it is typed; of a figure that the server knows, in symbols.
 * @property {string} source
 * @property {string} url
 * @property {string} as_of
 * @property {Status} status
 * @property {string} note
 * @property {{value: string, bounds: Bounds}} [known] - The value that the server has.
 */

/**
 * @param {ApiClaim} claim
 * @returns {Claim}
 */
export function claimOf({ id, source: { name, url }, text, status, note }) {
  const own = note ?? "";
  return {
    id,
    source: name,
    url: url ?? "",
    text: text ?? "",
    status,
    note: own,
    known: [status, own],
  };
}

/**
 * @param {ApiFigure} figure
 * @returns {Figure}
 */
export function figureOf({ metric, group, source: { name, url }, as_of, status, note, ...rest }) {
  const { low, high, about, text } = rest;
  const value = valueOf(rest);
  const known = { value, bounds: { low, high, about, text } };
  const told = { group: group ?? "", url: url ?? "", as_of: as_of ?? "", note: note ?? "" };
  return { metric, ...told, value, source: name, status, known };
}

/**
 * A number as it is typed: `>150`, `~60`, `11–13`; `?` for one that is not reported.
 *
 * @param {Bounds} bounds
 */
export function valueOf({ low, high, about, text }) {
  if (low === null && high === null) return text ?? "?";
  const range = low === high ? low : `${low}–${high}`;
  return (about ? "~" : "") + (high === null ? `>${low}` : low === null ? `<${high}` : range);
}

/** @param {Claim} claim */
export function claimMember({ id, source, url, text, status, note, known }) {
  const isKnown = known && known[0] === status && known[1] === note;
  const assessment = isKnown ? {} : { status, note: note || null };
  return { id, source: sourceMember(source, url), text: text || null, ...assessment };
}

/** @param {Figure} figure */
export function figureMember({ metric, group, value, source, url, as_of, status, note, known }) {
  const told = { group: group || null, as_of: as_of || null, note: note || null };
  const number = known?.value === value ? known.bounds : { value };
  return { metric, ...told, ...number, source: sourceMember(source, url), status };
}

/**
 * @param {string} name
 * @param {string} url
 */
const sourceMember = (name, url) => (url ? { name, url } : name);
