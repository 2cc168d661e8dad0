/**
 * The newsroom's API, as the desk's scripts request it: with the session's cookie, in JSON.
 */

/**
 * An entry as the newsroom's API has it: the members that the desk uses.
 *
 * @typedef {object} NewsroomEntry
 * @property {string} id
 * @property {number} revision
 * @property {"published"|"retracted"|"draft"|"scheduled"} status
 * @property {string | null} headline
 * @property {string} [title]
 * @property {string} [summary]
 * @property {{html: string, markdown: string | null} | null} body
 * @property {string} kind
 * @property {boolean} key_event
 * @property {boolean} pinned
 * @property {{name: string}[]} bylines
 * @property {string[]} tags
 * @property {{name: string, lat?: number, lon?: number} | null} place
 * @property {string} language
 * @property {import("./media_field.js").Media[]} media
 * @property {import("./statement.js").ApiClaim[]} claims
 * @property {import("./statement.js").ApiFigure[]} figures
 * @property {Translation | null} translation_of
 * @property {string | null} happened_at
 * @property {string | null} published_at
 * @property {string} updated_at
 * @property {string | null} embargo_until
 * @property {string} author
 * @property {string | null} submitted_at
 * @property {{by: string, note: string} | null} returned
 *
 * The entry of another edition that an entry translates, and why it says something else now.
 * @typedef {{coverage: string, entry_id: string, revision: number, url: string,
 *   outdated: {because: string, revision: number, note: string | null} | null}} Translation
 *
 * RFC 9457, section 3.1.
 * @typedef {{type?: string, detail?: string, errors?: {pointer: string}[], current?: NewsroomEntry}}
 *   Problem
 *
 * @typedef {object} Asked
 * @property {object} [json] - The payload.
 * @property {string} [etag] - Of the revision that is to be changed.
 * @property {string} [key] - Names the request: sent again, it does nothing twice.
 * @property {AbortSignal} [signal]
 */

/** What the server itself refused: its status, its sentence and the whole problem (RFC 9457). */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {Problem} problem
   */
  constructor(status, problem) {
    super(sentenceOf(problem));
    this.status = status;
    this.problem = problem;
  }

  /**
   * A module that is loaded later has a class of its own, whose refusals are the same.
   *
   * @override
   * @param {unknown} error
   * @returns {error is Refusal}
   */
  static [Symbol.hasInstance](error) {
    return error instanceof Error && "problem" in error;
  }
}

/**
 * What a problem says: where the page has sentences for them, that of the field at fault or of the
 * type, else the server's own.
 *
 * @param {Problem} problem
 */
function sentenceOf({ type = "", errors = [], detail }) {
  /** @type {HTMLTemplateElement | null} */
  const known = globalThis.document?.querySelector("template.problems");
  const names = [errors[0]?.pointer.split("/")[1], type.split("/").at(-1), "other"];
  const found = names.map((name) => known?.content.querySelector(`[data-problem="${name}"]`));
  return found.find(Boolean)?.textContent ?? detail;
}

/**
 * What it means that something was not granted: a refusal, where that is a problem of the server's
 * own. What is on the way, a proxy say, has answers too, which tell nothing of what was asked.
 *
 * @param {number} status
 * @param {Problem | null} data
 */
export function failure(status, data) {
  return data?.type?.startsWith("/problems/")
    ? new Refusal(status, data)
    : new TypeError(`${status}`);
}

/**
 * The status of a refusal; undefined for what went wrong otherwise.
 *
 * @param {unknown} error
 */
export const statusOf = (error) => (error instanceof Refusal ? error.status : undefined);

// deno-lint-ignore no-control-regex -- these are what is replaced
const CONTROLS = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]/g;

/**
 * Texts with spaces in the place of control characters, which the server refuses in all but bodies:
 * layout programs put them between pasted lines.
 *
 * @param {string} name
 * @param {unknown} value
 */
export function withoutControls(name, value) {
  const isBody = name === "body" || name === "html"; // whose line ends the server keeps
  return typeof value === "string" && !isBody ? value.replace(CONTROLS, " ") : value;
}

/**
 * Asks for something.
 *
 * @param {string} method
 * @param {string} path
 * @param {Asked} [asked]
 * @returns {Promise<any>} What the answer says; null where there is nothing to say (204).
 * @throws {Refusal} The server said no, by a problem of its own.
 * @throws {TypeError} The server could not be reached, or something else answered: whether it did
 *   anything is not known.
 */
export async function request(method, path, { json, etag, key, signal } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  if (key) headers["Idempotency-Key"] = key;
  const body = json && JSON.stringify(json, withoutControls);
  const answer = await fetch(path, { method, headers, body, signal, cache: "no-store" });
  const { ok, status } = answer;
  const data = await answer.json().catch(() => null);
  // What is named is a change, which answers with the thing.
  if (!ok || !(key ? data?.id : data || status === 204)) throw failure(status, data);
  return data;
}
