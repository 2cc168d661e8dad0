/**
 * What keys do in the composer; the dialog that F1 opens lists them.
 *
 * Only with Control or Command, or function keys: single letters belong to who dictates or reads by
 * ear. None fires while an input method composes, nor with AltGr, which types. On a Mac it is
 * Command, since Control with Option is VoiceOver's.
 */

import { MARKS, TAGS } from "./marks.js";

const isMac = /^(Mac|iP)/.test(navigator.platform);

/**
 * In the text.
 *
 * @type {Record<string, string>}
 */
const INKS = {
  "mod+b": "bold",
  "mod+i": "italic",
  "mod+k": "link",
  "mod+shift+8": "list",
  "mod+shift+9": "quote",
};

/**
 * In the form.
 *
 * @type {Record<string, string>}
 */
const ACTIONS = { "mod+Enter": "first", "mod+s": "save" };

/**
 * Anywhere on the page.
 *
 * @type {Record<string, string>}
 */
const PLACES = {
  F1: "help",
  "mod+/": "help",
  F2: "preview",
  "mod+shift+p": "preview",
  "mod+alt+s": "source",
  "mod+alt+f": "figure",
  "mod+alt+v": "templates",
};

/**
 * Helps somebody write by keys.
 *
 * @param {import("./composer.js").Composer} composer
 */
export function bindComposerKeys(composer) {
  const { form, body } = composer;
  const [keyEvent, pin] = ["key_event", "pin"].map((name) => {
    return /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
  });
  /** @type {Record<string, HTMLElement | null>} */
  const checks = { "mod+alt+k": keyEvent, "mod+alt+p": pin };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.getModifierState("AltGraph") || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    const isInside = form.contains(/** @type {Node} */ (event.target));
    const action = (isInside && ACTIONS[name]) || PLACES[name];
    const check = isInside && checks[name];
    const ink = event.target === body && (composer.isHtml ? TAGS : MARKS)[INKS[name]];
    if (!action && !check && !ink && name !== "mod+alt+w") return;
    event.preventDefault();
    if (event.repeat) return;
    if (ink) ink(body);
    else if (check) check.click();
    else if (action) composer.do(action);
    else body.focus();
  });
  nameKeys(document.querySelector(".composer-keys"));
}

/**
 * `mod+shift+KeyP`: letters by their place where another script is typed.
 *
 * @param {KeyboardEvent} event
 */
function nameOf(event) {
  const [mod, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (other) return "";
  // What fills in a form sends events without a key.
  const name = event.key ?? "";
  const typed = /^[a-z]$/i.test(name) ? name.toLowerCase() : "";
  const place = /^(Key|Digit)(.)$/.exec(event.code)?.[2].toLowerCase();
  const isNamed = name.length > 1 && name !== "Dead";
  const key = isNamed ? name : typed || place || name;
  const held = [mod && "mod", event.altKey && "alt", event.shiftKey && "shift"];
  return [...held.filter(Boolean), key].join("+");
}

/**
 * Writes the keys of this machine into what names them.
 *
 * @param {ParentNode | null} root
 */
function nameKeys(root) {
  if (!isMac || !root) return;
  /** @type {Record<string, string>} */
  const symbols = { Ctrl: "⌘", Alt: "⌥", Shift: "⇧" };
  for (const key of root.querySelectorAll("kbd")) {
    key.textContent = symbols[key.textContent] ?? key.textContent;
  }
}
