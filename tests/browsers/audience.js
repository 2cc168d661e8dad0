/**
 * A reader in the page, for the tests: keeps what its stream brings, in the order in which it came.
 *
 * Whoever waits is told what was missing after PATIENCE, and never hangs.
 */
(() => {
  const PATIENCE = 60_000; // ms; more than a browser takes to come back to a stream

  class Reader {
    /** @type {{id: string | null, event: object}[]} */
    heard = []; // the id is null on a WebSocket
    /** @type {object[]} */
    resets = [];
    /** @type {string[]} */
    states = [];
    /** @type {object | undefined} */
    source;
    opens = 0;
    errors = 0;
    #stirred = () => {};

    /**
     * @param {string | null} id
     * @param {string} text
     */
    take(id, text) {
      const event = JSON.parse(text);
      if (event.type === "reset") this.resets.push(event);
      else if (event.type !== "hello") this.heard.push({ id, event });
      this.stir();
    }

    stir() {
      this.#stirred();
    }

    /**
     * @param {() => boolean} isSo
     * @param {string} what - Is missing until then.
     */
    async until(isSo, what) {
      const late = Date.now() + PATIENCE;
      while (!isSo()) {
        const rest = late - Date.now();
        if (rest <= 0) {
          const { heard, opens, errors } = this;
          throw new Error(`${what}: heard ${heard.length}, opens ${opens}, errors ${errors}`);
        }
        await /** @type {Promise<void>} */ (new Promise((resolve) => {
          const timer = setTimeout(resolve, rest);
          this.#stirred = () => {
            clearTimeout(timer);
            resolve();
          };
        }));
      }
    }

    /** @param {number} times */
    opened(times) {
      return this.until(() => this.opens >= times, `no opening number ${times}`);
    }

    /**
     * The events from number `from` (0 is the first) on, as soon as there are `count` in all.
     *
     * @param {number} from
     * @param {number} count
     */
    async after(from, count) {
      await this.until(() => this.heard.length >= count, `no event number ${count}`);
      return this.heard.slice(from);
    }
  }

  /** @param {string} url */
  function listen(url) {
    const reader = new Reader();
    const source = (reader.source = new EventSource(url));
    source.onopen = () => {
      reader.opens += 1;
      reader.stir();
    };
    source.onerror = () => {
      reader.errors += 1;
      reader.stir();
    };
    source.onmessage = (message) => reader.take(message.lastEventId, message.data);
    source.addEventListener("reset", (message) => {
      reader.resets.push(JSON.parse(message.data));
      reader.stir();
    });
    return reader;
  }

  /** @param {string} url */
  function dial(url) {
    const reader = new Reader();
    const socket = (reader.source = new WebSocket(url));
    socket.onopen = () => {
      reader.opens += 1;
      reader.stir();
    };
    socket.onclose = () => {
      reader.errors += 1;
      reader.stir();
    };
    socket.onmessage = (message) => reader.take(null, message.data);
    return reader;
  }

  /**
   * Follows a coverage by our own client: by `subscribe`, or with other tabs by `share`.
   *
   * @param {"subscribe" | "share"} name
   * @param {string} slug
   * @param {import("../../app/reader/static/journal.js").Options} options
   * @param {string} [home] - The server, where that is not the page's own.
   */
  async function follow(name, slug, options, home = location.href) {
    const reader = new Reader();
    /**
     * @template Value
     * @param {Value[]} list
     * @param {Value} value
     */
    const tell = (list, value) => {
      list.push(value);
      reader.stir();
    };
    const address = { subscribe: "/static/dateline.js", share: "/static/any/tabs.js" }[name];
    const module = await import(new URL(address, home).href);
    /** @type {import("../../app/reader/static/journal.js").Options} */
    const own = {
      ...options,
      onEvent: (event) => tell(reader.heard, { id: event.cursor, event }),
      onReset: (reset) => tell(reader.resets, reset),
      onState: (state) => tell(reader.states, state),
    };
    reader.source = module[name](slug, own);
    return reader;
  }

  /**
   * Reads a stream's text itself, and is back when so many comment lines came.
   *
   * @param {string} url
   * @param {number} count
   */
  async function heartbeats(url, count) {
    const leave = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { headers: { Accept: "text/event-stream" }, signal: leave });
    const body = /** @type {ReadableStream} */ (answer.body);
    const text = body.pipeThrough(new TextDecoderStream()).getReader();
    let comments = 0;
    for (let rest = ""; comments < count;) {
      const { done, value } = await text.read();
      if (done) throw new Error(`the stream ended after ${comments} heartbeats`);
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      comments += lines.filter((line) => line.startsWith(":")).length;
    }
    await text.cancel();
    return answer.headers.get("Content-Encoding");
  }

  /**
   * Waits until the document as shown is as a test wants it.
   *
   * @param {(text: string) => boolean} isSo
   * @returns {Promise<void>}
   */
  function shows(isSo) {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!isSo(document.body.innerText)) return;
        observer.disconnect();
        clearTimeout(timer);
        resolve();
      };
      const observer = new MutationObserver(look);
      const everything = { subtree: true, childList: true, characterData: true, attributes: true };
      const shown = () => reject(new Error(`the page shows: ${document.body.innerText}`));
      const timer = setTimeout(shown, PATIENCE);
      observer.observe(document.body, everything);
      look();
    });
  }

  Object.assign(globalThis, { audience: { listen, dial, follow, heartbeats, shows } });
})();
