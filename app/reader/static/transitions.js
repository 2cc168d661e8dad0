/**
 * Lets what has to make room animateLayout there, by transforms alone, which are no shift of the layout.
 */

// From the outside in: a block takes along what is in it.
const BLOCKS =
  ".timeline, .key-events, .key-events li, .bar, .summary, .pinned, .paging, .days, .day, .day-name, " +
  ".entry, .words > *";
const WHOLE = ".head, .figures, .key-events li, .bar, .stamp, .words > *"; // have no blocks in them

const GLIDE = 350; // ms
const LONGEST = 1_000; // ms until a animateLayout is taken for over: of a hidden page none ends
const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** @param {Element} element */
const box = (element) => element.getBoundingClientRect();
/** @type {Animation[]} */
let gliding = [];

/**
 * @param {Element} root - In it the change takes place.
 * @param {Iterable<Element>} below - What else moves when the root grows.
 * @param {() => void} act - Makes the change.
 * @returns {Promise<unknown> | undefined} - Until all is still: what is changed before counts as a shift.
 */
export function animateLayout(root, below, act) {
  if (calm.matches || document.hidden) return void act();
  const seen = new Map();
  for (const block of [...blocksNear(root), ...below]) {
    if (box(block).top >= 0) seen.set(block, box(block));
  }
  // What glides is moved on from where it is seen.
  for (const each of gliding) each.cancel();
  gliding = [];
  act();
  gliding = [...moves(seen)];
  for (const article of root.querySelectorAll(".days .entry.arrived")) {
    if (!seen.has(article) && isInView(box(article))) article.animate({ opacity: [0, 0, 1] }, 600);
  }
  const last = gliding.at(-1);
  return last && new Promise((end) => ((last.onfinish = end), setTimeout(end, LONGEST)));
}

/**
 * The blocks in the view, and in the window below it: what shrinks above brings them in.
 *
 * On a long page the others are not touched. To measure what is in them, a browser would have to lay
 * it out.
 *
 * @param {Element} around
 * @returns {Generator<Element>}
 */
function* blocksNear(around) {
  for (const block of around.children) {
    const { top, bottom } = box(block);
    if (top > 2 * innerHeight) {
      if (around.matches(".feed")) return; // all that follow are lower still
    } else if (bottom >= 0) {
      if (block.matches(BLOCKS)) yield block;
      if (!block.matches(WHOLE)) yield* blocksNear(block);
    }
  }
}

/**
 * The animations of blocks from where they were seen to where they are.
 *
 * @param {Map<Element, DOMRect>} seen
 */
function* moves(seen) {
  const moved = new Map();
  for (const [block, then] of seen) {
    const now = box(block);
    const isSeen = isInView(then) || isInView(now);
    moved.set(block, { x: then.left - now.left, y: then.top - now.top, isSeen });
  }
  for (const [block, { x, y, isSeen }] of moved) {
    const outer = block.parentElement?.closest(BLOCKS);
    const around = (outer && moved.get(outer)) ?? { x: 0, y: 0 };
    const own = [x - around.x, y - around.y];
    if (!isSeen || !own.some(Math.round)) continue;
    const frames = { transform: [`translate(${own[0]}px, ${own[1]}px)`, "none"] };
    yield block.animate(frames, { duration: GLIDE, easing: "ease-out" });
  }
}

/**
 * Whether it begins where the reader sees it: nobody sees another one move.
 *
 * @param {DOMRect} box
 */
const isInView = ({ top }) => top >= 0 && top < innerHeight;
