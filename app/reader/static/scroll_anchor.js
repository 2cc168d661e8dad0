/**
 * What a reader reads stays where it is, whatever grows or shrinks above.
 *
 * Not every browser keeps the reader's place, and one that does would add to what is done here.
 */

/** @param {Element} element */
const box = (element) => element.getBoundingClientRect();
let owed = 0; // parts of a pixel, by which a page cannot be scrolled; many of them would be seen

/**
 * @param {Element[] | false} entries - The first of these in view must not move; false lets all move.
 * @param {() => void} act - Makes the change.
 */
export function anchorScroll(entries, act) {
  const list = (scrollY && entries) || [];
  const held = list.find((entry) => box(entry).bottom > 0) ?? list.at(-1);
  // Of an entry that is being read its end: a note may come in above the words in view.
  const edge = held && box(held).top < 0 ? "bottom" : "top";
  const place = held ? box(held)[edge] - owed : 0;
  const { style } = document.documentElement;
  style.overflowAnchor = "none";
  act();
  if (held) {
    const off = () => box(held)[edge] - place;
    scrollBy({ top: off(), behavior: "instant" });
    owed = off() % 1;
  }
  requestAnimationFrame(() => requestAnimationFrame(() => (style.overflowAnchor = "")));
}
