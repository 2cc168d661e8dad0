/**
 * `fetch` by a worker (`fetch_worker.js`): its requests are none of the page's own, as Firefox counts them when it
 * chooses which pages to keep for the way back.
 *
 * It knows what the client asks with: headers and a signal; nothing comes from a cache. Where there
 * can be no worker (a module of another origin, say) it is the page's `fetch`.
 */

/**
 * What becomes of a request.
 *
 * @typedef {{hear: (message: import("./fetch_worker.js").Message) => void,
 *   fail: (reason: unknown) => void}} Pending
 */

/** @type {Map<number, Pending>} */
const pending = new Map(); // by id
/** @type {Worker | undefined} */
let worker;
let isLame = new URL(import.meta.url).origin !== location.origin; // there can be no worker
let last = 0;

/**
 * As the page's own.
 *
 * @param {string} address
 * @param {{headers: Record<string, string>, signal: AbortSignal}} asked
 * @returns {Promise<Response>} its body fails when `signal` gives it up, or the line is lost.
 */
export function fetch(address, asked) {
  const { headers, signal } = asked;
  if (signal.aborted) return Promise.reject(signal.reason);
  if (isLame) return globalThis.fetch(address, asked);
  const courier = hire();
  return new Promise((resolve, reject) => {
    const id = (last += 1);
    /** @type {ReadableStreamDefaultController | undefined} */
    let body; // once there is an answer
    const leave = () => {
      if (pending.delete(id)) worker?.postMessage({ id });
    };
    /** @param {unknown} reason */
    const fail = (reason) => {
      leave();
      reject(reason);
      body?.error(reason);
    };
    /** @param {import("./fetch_worker.js").Message} message */
    const hear = ({ answer, chunk, error }) => {
      if (answer) {
        const start = (/** @type {ReadableStreamDefaultController} */ controller) => {
          body = controller;
        };
        const stream = new ReadableStream({ start, cancel: leave });
        resolve(new Response(answer.isEmpty ? null : stream, answer));
      } else if (chunk) body?.enqueue(chunk);
      else {
        pending.delete(id);
        if (error) fail(new TypeError(error));
        else body?.close();
      }
    };
    pending.set(id, { hear, fail });
    signal.addEventListener("abort", () => fail(signal.reason));
    courier.postMessage({ id, address, headers });
  });
}

function hire() {
  worker ??= new Worker(new URL("./fetch_worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }) => pending.get(data.id)?.hear(data);
  worker.onerror = () => {
    isLame = true;
    dismiss();
    for (const { fail } of pending.values()) fail(new TypeError("There is no worker."));
  };
  return worker;
}

/** Ends what it reads at once; the page gives up its requests itself. */
function dismiss() {
  worker?.terminate();
  worker = undefined;
}

// A worker that is kept with its page would keep its connections open.
addEventListener("pagehide", dismiss);
