/**
 * A worker that makes requests for the page that worker_fetch.js made it for, and hands over what
 * comes.
 *
 * It is told `{id, address, headers}`, and `{id}` alone to give a request up. It tells `{id}` with
 * `answer`, then with each `chunk`, at last with nothing; or with the `error` that ended it.
 *
 * @typedef {{id: number, address?: string, headers?: Record<string, string>}} Order
 * @typedef {{status: number, headers: [string, string][], isEmpty: boolean}} Answer
 * @typedef {{id: number, answer?: Answer, chunk?: Uint8Array<ArrayBuffer>, error?: string}} Message
 */

/** @type {Map<number, AbortController>} */
const requests = new Map(); // by id, while they are under way

/**
 * @param {Message} message
 * @param {Transferable[]} [transfer]
 */
const tell = (message, transfer = []) => postMessage(message, { transfer });

addEventListener("message", async (/** @type {MessageEvent<Order>} */ { data }) => {
  const { id, address, headers } = data;
  if (!address) return requests.get(id)?.abort();
  const request = new AbortController();
  requests.set(id, request);
  try {
    const answer = await fetch(address, { headers, cache: "no-store", signal: request.signal });
    const { status, body } = answer;
    tell({ id, answer: { status, headers: [...answer.headers], isEmpty: !body } });
    for (const reader = body?.getReader(); reader;) {
      const { done, value: chunk } = await reader.read();
      if (done) break;
      tell({ id, chunk }, [chunk.buffer]);
    }
    tell({ id });
  } catch (error) {
    tell({ id, error: String(error) });
  }
  requests.delete(id);
});

export {};
