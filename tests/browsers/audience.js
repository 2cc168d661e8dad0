/**
 * A reader in the page, for the tests: records what its stream delivers, in order.
 *
 * Every wait ends after PATIENCE with an error that says what was missing.
 */
(() => {
  const PATIENCE = 60_000; // ms; more than a browser takes to reconnect a stream

  class Reader {
    /** @type {{id: string | null, event: object}[]} */
    received = []; // the id is null on a WebSocket
    /** @type {object[]} */
    resets = [];
    /** @type {string[]} */
    states = [];
    /** @type {object | undefined} */
    source;
    opens = 0;
    errors = 0;
    #notify = () => {};

    /**
     * @param {string | null} id
     * @param {string} text
     */
    take(id, text) {
      const event = JSON.parse(text);
      if (event.type === "reset") this.resets.push(event);
      else if (event.type !== "hello") this.received.push({ id, event });
      this.stir();
    }

    stir() {
      this.#notify();
    }

    /**
     * @param {() => boolean} condition
     * @param {string} what - What is missing until then, for the error.
     */
    async until(condition, what) {
      const deadline = Date.now() + PATIENCE;
      while (!condition()) {
        const rest = deadline - Date.now();
        if (rest <= 0) {
          const { received, opens, errors } = this;
          throw new Error(`${what}: received ${received.length}, opens ${opens}, errors ${errors}`);
        }
        await /** @type {Promise<void>} */ (new Promise((resolve) => {
          const timer = setTimeout(resolve, rest);
          this.#notify = () => {
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
     * Returns the events from index `from` on, as soon as there are `count` in all.
     *
     * @param {number} from
     * @param {number} count
     */
    async after(from, count) {
      await this.until(() => this.received.length >= count, `no event number ${count}`);
      return this.received.slice(from);
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
   * Follows a coverage with the project's client: by `subscribe`, or with other tabs by `share`.
   *
   * @param {"subscribe" | "share"} name
   * @param {string} slug
   * @param {import("../../app/reader/static/journal.js").Options} options
   * @param {string} [home] - The server's URL, if it is not the page's origin.
   */
  async function follow(name, slug, options, home = location.href) {
    const reader = new Reader();
    /**
     * @template Value
     * @param {Value[]} list
     * @param {Value} value
     */
    const record = (list, value) => {
      list.push(value);
      reader.stir();
    };
    const address = { subscribe: "/static/dateline.js", share: "/static/any/tabs.js" }[name];
    const module = await import(new URL(address, home).href);
    /** @type {import("../../app/reader/static/journal.js").Options} */
    const withCallbacks = {
      ...options,
      onEvent: (event) => record(reader.received, { id: event.cursor, event }),
      onReset: (reset) => record(reader.resets, reset),
      onState: (state) => record(reader.states, state),
    };
    reader.source = module[name](slug, withCallbacks);
    return reader;
  }

  /**
   * Reads a stream's text without EventSource until it had `count` comment lines.
   * Returns the content encoding.
   *
   * @param {string} url
   * @param {number} count
   */
  async function heartbeats(url, count) {
    const signal = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(url, { headers: { Accept: "text/event-stream" }, signal });
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
   * Waits until a condition on the visible text of the document holds.
   *
   * @param {(text: string) => boolean} condition
   * @returns {Promise<void>}
   */
  function shows(condition) {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!condition(document.body.innerText)) return;
        observer.disconnect();
        clearTimeout(timer);
        resolve();
      };
      const observer = new MutationObserver(check);
      const observed = { subtree: true, childList: true, characterData: true, attributes: true };
      const fail = () => reject(new Error(`the page shows: ${document.body.innerText}`));
      const timer = setTimeout(fail, PATIENCE);
      observer.observe(document.body, observed);
      check();
    });
  }

  Object.assign(globalThis, { audience: { listen, dial, follow, heartbeats, shows } });
})();
