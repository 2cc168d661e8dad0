/**
 * Leads the keyboard from article to article of a timeline, and out of it.
 *
 * Source: W3C, ARIA Authoring Practices, feed pattern.
 */

const STOPS = "a[href], button, summary, [tabindex='0']";
/** @type {Record<string, number>} */
const WAYS = { PageDown: 1, PageUp: -1, End: 1, Home: -1 };

/**
 * @param {KeyboardEvent} event
 * @param {import("./timeline.js").Timeline} timeline
 * @param {(article: HTMLElement) => void} goTo
 */
export function step(event, { days, entries }, goTo) {
  const { key, ctrlKey } = event;
  const target = /** @type {HTMLElement} */ (event.target);
  const way = WAYS[key];
  const isOut = key === "End" || key === "Home";
  if (!way || isOut !== ctrlKey) return;
  const own = target.closest(".entry") ?? target.querySelector(".entry");
  const stops = isOut ? stopsBeside(days, way) : [entries[entries.indexOf(own) + way]];
  const stop = stops.at(way > 0 ? 0 : -1);
  if (!stop) return;
  event.preventDefault();
  if (isOut) stop.focus();
  else goTo(stop);
}

/**
 * What takes the focus before or behind an element, anywhere in the document: behind a timeline that
 * is shown whole there is only the page's foot.
 *
 * @param {Element} element
 * @param {number} way - Positive for behind.
 */
function stopsBeside(element, way) {
  const side = way > 0 ? Node.DOCUMENT_POSITION_FOLLOWING : Node.DOCUMENT_POSITION_PRECEDING;
  return [...document.querySelectorAll(STOPS)].filter(
    (stop) =>
      stop.checkVisibility() &&
      !element.contains(stop) &&
      element.compareDocumentPosition(stop) & side,
  );
}
