/**
 * Passes on the address of an entry: by the device's own dialog or, without one, by copying it.
 *
 * Nothing is loaded from anywhere else, and nobody learns of it.
 */

const SHOWN = 4_000; // ms that the button tells that the address was copied

/**
 * @param {HTMLElement} button
 * @param {HTMLElement} _main
 * @param {import("./timeline.js").Timeline} timeline
 */
export async function open(button, _main, timeline) {
  const article = /** @type {HTMLElement} */ (button.closest(".entry"));
  /** @type {HTMLAnchorElement} */
  const link = article.querySelector(".permalink");
  const url = link.href;
  if ("share" in navigator) {
    // Who closes the dialog has not failed.
    await navigator.share({ title: article.dataset.title ?? document.title, url }).catch(() => {});
    return;
  }
  try {
    await (/** @type {Navigator} */ (navigator)).clipboard.writeText(url);
  } catch {
    // Where the browser does not let it be copied, it stands in the address bar.
    location.assign(url);
    return;
  }
  const { words = "", copied = "" } = button.dataset;
  button.textContent = timeline.status.textContent = copied;
  setTimeout(() => {
    button.textContent = words;
    timeline.status.textContent = "";
  }, SHOWN);
}
