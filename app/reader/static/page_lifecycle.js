/**
 * The page's lifecycle: what follows a journal rests while its page is hidden, frozen or kept for the
 * way back.
 *
 * @typedef {import("./journal.js").Options} Options
 * @typedef {import("./journal.js").State} State
 *
 * What may be followed while a page is in sight.
 * @typedef {{options: Pick<Options, "signal" | "unseen">, state?: State,
 *   tell: (state: State) => void, readonly cursor?: string, readonly isOver?: boolean}} Followed
 */

/**
 * Has something followed while its page is in sight; gives the handle.
 *
 * @param {Followed} journal
 * @param {(signal: AbortSignal) => unknown} run
 */
export function keep(journal, run) {
  const { signal, unseen = 120_000 } = journal.options;
  const { document } = globalThis; // a worker has none
  const closing = new AbortController();
  /** @type {AbortController | undefined} */
  let life;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const stop = () => {
    clearTimeout(timer);
    life?.abort();
    life = undefined;
  };
  const start = () => {
    clearTimeout(timer);
    if (life || journal.isOver) return;
    journal.tell(journal.state ? "reconnecting" : "connecting");
    life = new AbortController();
    run(life.signal);
  };
  const look = () => {
    if (document?.visibilityState !== "hidden") return start();
    clearTimeout(timer);
    timer = setTimeout(stop, unseen);
  };
  const open = () => {
    start();
    look();
  };
  const close = () => {
    closing.abort();
    stop();
    journal.tell("closed");
  };
  const until = { signal: closing.signal };
  /**
   * @param {EventTarget | undefined} target
   * @param {string} type
   * @param {() => void} act
   */
  const on = (target, type, act) => target?.addEventListener?.(type, act, until);
  on(document, "visibilitychange", look);
  on(document, "freeze", stop);
  on(document, "resume", look);
  on(globalThis, "pagehide", stop); // else it could not be kept for the way back
  on(globalThis, "pageshow", open);
  on(signal, "abort", close);
  open();
  if (signal?.aborted) close();
  return {
    close,
    get cursor() {
      return journal.cursor;
    },
  };
}
