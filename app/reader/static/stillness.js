/**
 * Changes a page under the eyes of a reader, who sees nothing jump.
 *
 * What is read stays where it is, whatever grows or shrinks above. What has to make room glides
 * there, by transforms alone, which are no shift of the layout.
 */

// From the outside in: a block takes along what is in it.
const BLOCKS =
  ".timeline, .key-events, .key-events li, .bar, .pinned, .paging, .days, .day, .day-name, " +
  ".entry, .words > *";

const [GLIDE, SPARE] = [350, 100]; // ms; it begins with the next frame, and ends with one
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const box = (element) => element.getBoundingClientRect();
let gliding = [];
let owed = 0; // parts of a pixel, by which a page cannot be scrolled; many of them would be seen

/**
 * @param {ParentNode} root - In it the change takes place.
 * @param {() => void} act - Makes the change.
 * @param {object} options
 * @param {boolean} options.isHeld - Whether the first entry in view must not move.
 * @param {Element[]} options.below - What else moves when the root grows.
 * @returns {number} - Milliseconds until all is still. What is changed before counts as a shift.
 */
export function keepStill(root, act, { isHeld, below }) {
  const blocks = [...root.querySelectorAll(BLOCKS), ...below].filter(isInView);
  const seen = new Map(blocks.map((block) => [block, box(block)]));
  // What glides is moved on from where it is seen.
  for (const glide of gliding) glide.cancel();
  const entries = [...root.querySelectorAll(".days .entry")];
  const held = isHeld && scrollY && (entries.find((e) => box(e).bottom > 0) ?? entries.at(-1));
  // Of an entry that is being read its end: a note may come in above the words in view.
  const edge = held && box(held).top < 0 ? "bottom" : "top";
  const place = held && box(held)[edge] - owed;
  // Not every browser keeps the reader's place, and one that does would add to what is done here.
  const { style } = document.documentElement;
  style.overflowAnchor = "none";
  act();
  if (held) {
    const off = () => box(held)[edge] - place;
    scrollBy({ top: off(), behavior: "instant" });
    owed = off() % 1;
  }
  requestAnimationFrame(() => requestAnimationFrame(() => (style.overflowAnchor = "")));
  gliding = calm.matches || document.hidden ? [] : glide(seen);
  return gliding.length ? GLIDE + SPARE : 0;
}

function glide(seen) {
  const moved = new Map();
  for (const [block, { left, top }] of seen) {
    const now = box(block);
    moved.set(block, [left - now.left, top - now.top]);
  }
  const glides = [...moved].map(([block, way]) => {
    const [x, y] = moved.get(block.parentElement?.closest(BLOCKS)) ?? [0, 0];
    const own = [way[0] - x, way[1] - y];
    if (!own.some(Math.round)) return null;
    const frames = { transform: [`translate(${own[0]}px, ${own[1]}px)`, "none"] };
    return block.animate(frames, { duration: GLIDE, easing: "ease-out" });
  });
  return glides.filter(Boolean);
}

/** Has an element that is new in the page come up out of nothing, if it is in view. */
export function appear(element) {
  if (!calm.matches && isInView(element)) element.animate({ opacity: [0, 0, 1] }, 600);
}

/** Whether it begins where the reader sees it: nobody sees another one move. */
function isInView(element) {
  const { top } = box(element);
  return top >= 0 && top < innerHeight;
}
