/**
 * The newsroom's API, as the desk's scripts ask it: with the session's cookie, in JSON.
 */

/** What the server itself refused: its status, its sentence and the whole problem (RFC 9457). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail);
    Object.assign(this, { status, problem });
  }
}

/**
 * What it means that something was not granted: a refusal, where that is a problem of the server's
 * own. What is on the way, a proxy say, has answers too, which tell nothing of what was asked.
 */
export function failure(status, data) {
  return data?.type?.startsWith("/problems/") ? new Refusal(status, data) : new TypeError(status);
}

/**
 * Asks for something.
 *
 * @param {string} method
 * @param {string} path
 * @param {object} [asked]
 * @param {object} [asked.json] - The payload.
 * @param {string} [asked.etag] - Of the revision that is to be changed.
 * @param {string} [asked.key] - Names the request: sent again, it does nothing twice.
 * @param {AbortSignal} [asked.signal]
 * @returns {Promise<{status: number, data: object, etag: string|null}>}
 * @throws {Refusal} The server said no, by a problem of its own.
 * @throws {TypeError} The server could not be reached, or something else answered: whether it did anything is not known.
 */
export async function ask(method, path, { json, etag, key, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  if (key) headers["Idempotency-Key"] = key;
  const body = json && JSON.stringify(json);
  const answer = await fetch(path, { method, headers, body, signal, cache: "no-store" });
  const { ok, status } = answer;
  const data = await answer.json().catch(() => null);
  // What is named is a change, which answers with the thing.
  if (!ok || !(key ? data?.id : data || status === 204)) throw failure(status, data);
  return { status, data, etag: answer.headers.get("ETag") };
}
