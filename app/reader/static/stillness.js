/**
 * Changes a page under the eyes of a reader, who sees nothing jump.
 *
 * What is read stays where it is, whatever grows or shrinks above. What has to make room glides
 * there, by transforms alone, which are no shift of the layout.
 */

const BLOCKS = ".entry, .words > *, .day-name, .paging, .key-events, .bar, .pinned";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const box = (element) => element.getBoundingClientRect();

/**
 * @param {ParentNode} root - In it the change takes place.
 * @param {() => void} act - Makes the change.
 * @param {object} options
 * @param {boolean} options.isHeld - Whether the first entry in view must not move.
 * @param {Element[]} options.below - What else moves when the root grows.
 */
export function keepStill(root, act, { isHeld, below }) {
  const entries = [...root.querySelectorAll(".days .entry")];
  const held = isHeld && scrollY && (entries.find((e) => box(e).bottom > 0) ?? entries.at(-1));
  // Of an entry that is being read its end: a note may come in above the words in view.
  const edge = held && box(held).top < 0 ? "bottom" : "top";
  const place = held && box(held)[edge];
  const tops = new Map();
  for (const block of [...root.querySelectorAll(BLOCKS), ...below]) {
    if (isInView(block)) tops.set(block, box(block).top);
  }
  // Not every browser keeps the reader's place, and one that does would add to what is done here.
  const { style } = document.documentElement;
  style.overflowAnchor = "none";
  act();
  if (held) scrollBy({ top: box(held)[edge] - place, behavior: "instant" });
  requestAnimationFrame(() => requestAnimationFrame(() => (style.overflowAnchor = "")));
  if (!calm.matches) glide(tops);
}

function glide(tops) {
  const moved = new Map([...tops].map(([block, top]) => [block, top - box(block).top]));
  for (const [block, way] of moved) {
    // An entry takes along what is in it.
    const own = way - (moved.get(block.parentElement?.closest(".entry, .pinned")) ?? 0);
    if (!own) continue;
    const frames = { transform: [`translateY(${own}px)`, "none"] };
    block.animate(frames, { duration: 400, easing: "ease-out", composite: "add" });
  }
}

/** Has an element that is new in the page come up out of nothing, if it is in view. */
export function appear(element) {
  if (!calm.matches && isInView(element)) element.animate({ opacity: [0, 0, 1] }, 600);
}

function isInView(element) {
  const { top, bottom } = box(element);
  return bottom > 0 && top < innerHeight;
}
