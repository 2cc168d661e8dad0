/**
 * A worker that makes requests for the page that line.js made it for, and hands over what comes.
 *
 * It is told `{id, address, headers}`, and `{id}` alone to give a request up. It tells `{id}` with
 * `answer`, then with each `chunk`, at last with nothing; or with the `error` that ended it.
 */

const errands = new Map();

addEventListener("message", async ({ data: { id, address, headers } }) => {
  if (!address) return errands.get(id)?.abort();
  const errand = new AbortController();
  errands.set(id, errand);
  try {
    const asked = { headers, cache: "no-store", signal: errand.signal };
    const { status, headers: told, body } = await fetch(address, asked);
    postMessage({ id, answer: { status, headers: [...told], isEmpty: !body } });
    const reader = body?.getReader();
    for (let read; reader && !(read = await reader.read()).done; ) {
      postMessage({ id, chunk: read.value }, [read.value.buffer]);
    }
    postMessage({ id });
  } catch (error) {
    postMessage({ id, error: String(error) });
  }
  errands.delete(id);
});
