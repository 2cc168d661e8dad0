/**
 * The event-stream format of server-sent events.
 *
 * The block of an event stream, by its fields.
 * @typedef {{id?: string, event?: string, data?: string, retry?: string}} Block
 */

/**
 * The blocks of an event stream by their fields.
 *
 * @param {ReadableStream<Uint8Array<ArrayBuffer>> | null} body
 * @param {() => void} [hear] - Is called whenever bytes have come.
 * @returns {AsyncGenerator<Block>}
 *
 * Source: WHATWG HTML, section 9.2.6.
 */
export async function* frames(body, hear) {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let isReturned = false; // the last character was a CR, whose LF may come yet
  /** @type {Record<string, string>} */
  let block = {};
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    hear?.();
    const text = decoder.decode(value, { stream: true });
    if (!text) continue;
    const lines = (rest + (isReturned ? text.replace(/^\n/, "") : text)).split(/\r\n|\r|\n/);
    isReturned = text.endsWith("\r");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [, name, told] = /^([^:]*):? ?(.*)/s.exec(line) ?? [];
      if (name) block[name] = name === "data" && "data" in block ? `${block.data}\n${told}` : told;
      if (line) continue;
      yield block;
      block = {};
    }
  }
}
