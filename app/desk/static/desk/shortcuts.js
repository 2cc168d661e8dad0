/**
 * What keys do in the composer; the dialog that F1 opens lists them.
 *
 * Only with Control or Command, or function keys: single letters belong to who dictates or reads by
 * ear. None fires while an input method composes, nor with AltGr, which types. On a Mac it is
 * Command, since Control with Option is VoiceOver's.
 */
import { link, prefix, surround } from "./ink.js";

const isMac = /^(Mac|iP)/.test(navigator.platform);

/** Marks for lines and words, in a text of Markdown. */
const MARKS = {
  "mod+b": (field) => surround(field, "**"),
  "mod+i": (field) => surround(field, "*"),
  "mod+k": (field) => link(field),
  "mod+shift+8": (field) => prefix(field, "- "),
  "mod+shift+9": (field) => prefix(field, "> "),
};

/** The same in HTML. */
const TAGS = {
  "mod+b": (field) => surround(field, "<strong>", "</strong>"),
  "mod+i": (field) => surround(field, "<em>", "</em>"),
  "mod+k": (field) => link(field, true),
  "mod+shift+8": (field) => surround(field, "<ul><li>", "</li></ul>", "</li>\n<li>"),
  "mod+shift+9": (field) => surround(field, "<blockquote><p>", "</p></blockquote>", "<br>\n"),
};

/** In the form. */
const DEEDS = { "mod+Enter": "first", "mod+s": "save", "mod+alt+s": "source" };

/** Anywhere on the page. */
const PLACES = { F1: "help", "mod+/": "help", F2: "preview", "mod+shift+p": "preview" };

/** Helps somebody write, by keys and by what it adds to the composer's `aids`. */
export function assist(composer) {
  const { form, body } = composer;
  const { key_event: keyEvent, pin } = form.elements;
  composer.aids.source = () => link(body, composer.isHtml, composer.words("source"));
  const checks = { "mod+alt+k": keyEvent, "mod+alt+p": pin };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.getModifierState("AltGraph") || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    const isInside = form.contains(event.target);
    const deed = (isInside && DEEDS[name]) || PLACES[name];
    const check = isInside && checks[name];
    const ink = event.target === body && (composer.isHtml ? TAGS : MARKS)[name];
    if (!deed && !check && !ink && name !== "mod+alt+w") return;
    event.preventDefault();
    if (event.repeat) return;
    if (ink) ink(body);
    else if (check) check.click();
    else if (deed) composer.do(deed);
    else body.focus();
  });
  nameKeys(document.querySelector(".composer-keys"));
}

/** `mod+shift+KeyP`: letters by their place where another script is typed. */
function nameOf(event) {
  const [mod, other] = isMac ? [event.metaKey, event.ctrlKey] : [event.ctrlKey, event.metaKey];
  if (other) return "";
  const typed = /^[a-z]$/i.test(event.key ?? "") ? event.key.toLowerCase() : "";
  const place = /^(Key|Digit)(.)$/.exec(event.code)?.[2].toLowerCase();
  const isNamed = event.key?.length > 1 && event.key !== "Dead";
  const key = isNamed ? event.key : typed || place || event.key;
  const held = [mod && "mod", event.altKey && "alt", event.shiftKey && "shift"];
  return [...held.filter(Boolean), key].join("+");
}

/** Writes the keys of this machine into what names them. */
function nameKeys(root) {
  if (!isMac || !root) return;
  for (const key of root.querySelectorAll("kbd")) {
    key.textContent = { Ctrl: "⌘", Alt: "⌥", Shift: "⇧" }[key.textContent] ?? key.textContent;
  }
}
