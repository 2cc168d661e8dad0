/**
 * One try to read a stream or to ask for something, with a time limit for what comes next.
 */

export const OPENING = 10_000; // ms until the first bytes; later, something on the way holds them back
export const LATE = "late";

/** One try: it ends with `signal`, or when nothing comes for as long as it was told. */
export class Attempt extends AbortController {
  heardAt = 0;
  /** @type {number | undefined} */
  openedAt;
  isSteady = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {AbortSignal} signal */
  constructor(signal) {
    super();
    signal.addEventListener("abort", () => this.end(), { signal: this.signal });
  }

  /** @param {number} ms */
  expect(ms) {
    clearTimeout(this.#timer);
    if (!this.signal.aborted) this.#timer = setTimeout(() => this.abort(LATE), ms);
  }

  /** @param {number} ms */
  rest(ms) {
    this.expect(ms);
    return new Promise((resolve) => this.signal.addEventListener("abort", resolve));
  }

  end() {
    clearTimeout(this.#timer);
    this.abort();
  }
}
