/**
 * The newsroom's API, as the desk's scripts ask it: with the session's cookie, in JSON.
 */

/** What the server refused: its status, its sentence and the whole problem (RFC 9457). */
export class Refusal extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }
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
 * @throws {Refusal} The server said no.
 * @throws {TypeError} The server could not be reached: whether it did anything is not known.
 */
export async function ask(method, path, { json, etag, key, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (json) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  if (key) headers["Idempotency-Key"] = key;
  const body = json && JSON.stringify(json);
  const answer = await fetch(path, { method, headers, body, signal, cache: "no-store" });
  const data = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, data);
  return { status: answer.status, data, etag: answer.headers.get("ETag") };
}
