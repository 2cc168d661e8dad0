/**
 * The button behind which new entries wait, so that nothing moves under the eyes of who reads.
 */

export class NewUpdatesButton {
  /**
   * @param {HTMLButtonElement} button
   * @param {string} latest - The page with the newest entries; this page if it is empty.
   * @param {() => HTMLElement | undefined} show - Shows what waits, if this page may; gives the
   *   newest of it.
   */
  constructor(button, latest, show) {
    this.button = button;
    this.latest = latest;
    this.show = show;
    button.addEventListener("click", () => this.#leadOn());
  }

  /**
   * @param {number} count - How many entries wait.
   * @param {string} words - The same in words.
   */
  set(count, words) {
    this.button.hidden = !count;
    this.button.textContent = words;
  }

  #leadOn() {
    const { href } = new URL(this.latest, location.href);
    const newest = this.show();
    if (newest) goTo(newest);
    // Of a page that a browser has it may show the copy first, unless it is told to load it anew.
    else if (href === location.href) location.reload();
    else location.assign(href);
  }
}

/** @param {HTMLElement} article */
export function goTo(article) {
  article.focus({ preventScroll: true });
  article.scrollIntoView({ block: "start", behavior: "instant" });
}
