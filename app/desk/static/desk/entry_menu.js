/**
 * The menu of an entry: what is done less often, behind one button.
 *
 * The browser closes it on Escape and on a press elsewhere, and gives the focus back.
 */

const ITEMS = "button:not([hidden]), a";

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} menu - A `popover`, which holds buttons and links.
 */
export function bindMenu(button, menu) {
  const items = () => /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(ITEMS)]);
  const enter = () => {
    place(button, menu);
    if (!menu.contains(document.activeElement)) items()[0]?.focus();
  };
  button.popoverTargetElement = menu;
  menu.addEventListener("toggle", (event) => {
    const isOpen = /** @type {ToggleEvent} */ (event).newState === "open";
    button.ariaExpanded = `${isOpen}`;
    if (isOpen) enter();
  });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    menu.showPopover();
    enter(); // at once, since the next key may come before the event "toggle"
  });
  menu.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    /** @type {Record<string, number>} */
    const ways = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
    if (event.key === "Tab") menu.hidePopover();
    const to = ways[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all.at(to % all.length)?.focus();
  });
  // What it does may ask something, which gives the focus back to what is still there.
  menu.addEventListener("click", () => menu.hidePopover(), { capture: true });
}

/**
 * Puts a menu below its button, or above it where there is no room, within the window.
 *
 * @param {HTMLElement} button
 * @param {HTMLElement} menu
 */
function place(button, menu) {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const isRtl = getComputedStyle(button).direction === "rtl";
  const x = Math.max(8, Math.min(isRtl ? right - width : left, innerWidth - width - 8));
  const y = bottom + height > innerHeight && top > height ? top - height : bottom;
  menu.style.left = `${x + scrollX}px`;
  menu.style.top = `${y + scrollY}px`;
}
