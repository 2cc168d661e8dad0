/**
 * The desk by single keys: to the next entry, and what may be done with it.
 *
 * A key presses the button that names it (`aria-keyshortcuts`) in the entry that has the focus.
 * While somebody types no key does anything, and single keys can be switched off.
 */

import { step } from "../feed_keys.js";
import { goTo } from "../new_updates.js";

const KEPT = "dateline desk keys";
const ITEM = ".item, .days .entry";
const TYPING = "input:not([type=checkbox], [type=radio], [type=button]), textarea, select";

/** @type {HTMLElement | undefined} */
let left; // where the focus was, of what is listed

/**
 * @param {HTMLElement} main - The desk.
 * @param {import("../timeline.js").Timeline} timeline
 * @param {() => void} write - Begins a new entry.
 */
export function bindDeskKeys(main, timeline, write) {
  /** @type {HTMLInputElement} */
  const choice = document.querySelector("#keys [name=single]");
  choice.defaultChecked = localStorage.getItem(KEPT) !== "off";
  choice.addEventListener("change", () => {
    choice.defaultChecked = choice.checked; // for the next time that the list is opened
    localStorage.setItem(KEPT, choice.checked ? "on" : "off");
  });
  main.addEventListener("focusin", ({ target }) => {
    left = /** @type {Element} */ (target).closest(ITEM) ?? left;
  });
  /** @type {Record<string, () => void>} */
  const ways = { j: () => move(main, 1), k: () => move(main, -1), n: write };
  document.addEventListener("keydown", (event) => {
    const { ctrlKey, metaKey, altKey } = event;
    const key = latinOf(event);
    const target = /** @type {HTMLInputElement} */ (event.target);
    // What is typed while something opens is meant for that.
    const isBusy = document.querySelector("dialog[open], button[aria-busy=true]");
    if (event.defaultPrevented || isBusy) return;
    if (target.closest?.(".days")) step(event, timeline, goTo);
    if (key === "Escape" && target.form && !event.isComposing) return back(main);
    const isTyping = target.matches?.(TYPING) || target.isContentEditable;
    if (isTyping || ctrlKey || metaKey || altKey || !choice.defaultChecked) return;
    const act = ways[key] ?? press(main, target, key);
    if (!act) return;
    event.preventDefault();
    act();
  });
}

/**
 * What a key is called: by its place where another script is typed.
 *
 * @param {KeyboardEvent} event
 */
function latinOf({ key = "", code = "", shiftKey }) {
  if (!/^[^ -~]$/.test(key)) return key; // a name, or Latin
  const [, letter] = /^Key(.)$/.exec(code) ?? [];
  return letter?.toLowerCase() ?? (code === "Slash" && shiftKey ? "?" : key);
}

/**
 * The button that a key stands for: of the entry at hand, else of the whole desk.
 *
 * @param {HTMLElement} main
 * @param {HTMLElement} target
 * @param {string} key
 */
function press(main, target, key) {
  const named = `button[aria-keyshortcuts="${CSS.escape(key)}"]:not([hidden])`;
  const places = [
    target.closest?.(ITEM),
    ...main.querySelectorAll("[data-shelf=held], .board-head"),
  ];
  const button = places.map((place) => place?.querySelector(named)).find(Boolean);
  return button && (() => button.click());
}

/**
 * From the composer to where one was, else to the newest entry.
 *
 * @param {HTMLElement} main
 */
function back(main) {
  const last = left?.isConnected ? left : main.querySelector(".days .entry");
  if (last) goTo(last);
}

/**
 * @param {HTMLElement} main
 * @param {number} way - -1 or 1.
 */
function move(main, way) {
  const own = document.activeElement?.closest(ITEM);
  const region = own?.matches(".item") ? ".item" : ".days .entry";
  const items = [...main.querySelectorAll(region)].filter((item) => item.checkVisibility());
  const next = own ? items[items.indexOf(own) + way] : items[0];
  if (next) goTo(next);
}
