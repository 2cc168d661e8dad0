/**
 * `fetch` by a worker: its requests are none of the page's own, as Firefox counts them when it
 * chooses which pages to keep for the way back.
 *
 * It knows what the client asks with: headers and a signal; nothing comes from a cache. Where there
 * can be no worker (a module of another origin, say) it is the page's `fetch`.
 */

const pending = new Map(); // by id: what becomes of a request
let courier;
let isLame = new URL(import.meta.url).origin !== location.origin; // there can be no courier
let last = 0;

/**
 * As the page's own.
 *
 * @param {string} address
 * @param {{headers: object, signal: AbortSignal}} asked
 * @returns {Promise<Response>} its body fails when `signal` gives it up, or the line is lost.
 */
export async function fetch(address, asked) {
  const { headers, signal } = asked;
  signal.throwIfAborted();
  if (isLame) return globalThis.fetch(address, asked);
  hire();
  return new Promise((resolve, reject) => {
    const id = (last += 1);
    let body; // once there is an answer
    const leave = () => {
      if (pending.delete(id)) courier?.postMessage({ id });
    };
    const fail = (reason) => {
      leave();
      reject(reason);
      body?.error(reason);
    };
    const hear = ({ answer, chunk, error }) => {
      if (answer) {
        const start = (controller) => (body = controller);
        const stream = new ReadableStream({ start, cancel: leave });
        resolve(new Response(answer.isEmpty ? null : stream, answer));
      } else if (chunk) body.enqueue(chunk);
      else {
        pending.delete(id);
        if (error) fail(new TypeError(error));
        else body.close();
      }
    };
    pending.set(id, { hear, fail });
    signal.addEventListener("abort", () => fail(signal.reason));
    courier.postMessage({ id, address, headers });
  });
}

function hire() {
  courier ??= new Worker(new URL("./courier.js", import.meta.url), { type: "module" });
  courier.onmessage = ({ data }) => pending.get(data.id)?.hear(data);
  courier.onerror = () => {
    isLame = true;
    dismiss();
    for (const { fail } of pending.values()) fail(new TypeError("There is no worker."));
  };
}

/** Ends what it reads at once; the page gives up its requests itself. */
function dismiss() {
  courier?.terminate();
  courier = undefined;
}

// A courier that is kept with its page would keep its lines open.
addEventListener("pagehide", dismiss);
