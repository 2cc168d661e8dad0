/**
 * What keys do in the composer; the dialog that F1 opens lists them.
 *
 * Only with Control or Command, or function keys: single letters belong to who dictates or reads by
 * ear. None fires while an input method composes, nor with AltGr, which types. On a Mac it is
 * Command, since Control with Option is VoiceOver's.
 *
 * Marks are written by `insertText`, which is typing, as the browser sees it, so that undo takes them
 * back: what scripts put into a field by its value wipes out what can be undone. It counts as
 * outdated, and nothing else does this in all browsers.
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 */

const isMac = /^(Mac|iP)/.test(navigator.platform);

/**
 * Marks for lines and words, in a text of Markdown.
 *
 * @type {Record<string, (field: Field) => void>}
 */
const MARKS = {
  "mod+b": (field) => surround(field, "**"),
  "mod+i": (field) => surround(field, "*"),
  "mod+k": (field) => link(field),
  "mod+shift+8": (field) => prefix(field, "- "),
  "mod+shift+9": (field) => prefix(field, "> "),
};

/**
 * The same in HTML.
 *
 * @type {Record<string, (field: Field) => void>}
 */
const TAGS = {
  "mod+b": (field) => surround(field, "<strong>", "</strong>"),
  "mod+i": (field) => surround(field, "<em>", "</em>"),
  "mod+k": (field) => link(field, true),
  "mod+shift+8": (field) => surround(field, "<ul><li>", "</li></ul>", "</li>\n<li>"),
  "mod+shift+9": (field) => surround(field, "<blockquote><p>", "</p></blockquote>", "<br>\n"),
};

/**
 * In the form.
 *
 * @type {Record<string, string>}
 */
const ACTIONS = { "mod+Enter": "first", "mod+s": "save", "mod+alt+s": "source" };

/**
 * Anywhere on the page.
 *
 * @type {Record<string, string>}
 */
const PLACES = { F1: "help", "mod+/": "help", F2: "preview", "mod+shift+p": "preview" };

/**
 * Helps somebody write, by keys and by what it adds to the composer's `aids`.
 *
 * @param {import("./composer.js").Composer} composer
 */
export function bindComposerKeys(composer) {
  const { form, body } = composer;
  const [keyEvent, pin] = ["key_event", "pin"].map((name) => {
    return /** @type {HTMLInputElement | null} */ (form.elements.namedItem(name));
  });
  composer.aids.source = () => {
    const { words, fields, isHtml } = composer;
    link(body, isHtml, words(`source-${fields.values.language}`) || words("source"));
  };
  /** @type {Record<string, HTMLElement | null>} */
  const checks = { "mod+alt+k": keyEvent, "mod+alt+p": pin };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
    if (event.getModifierState("AltGraph") || document.querySelector("dialog[open]")) return;
    const name = nameOf(event);
    const isInside = form.contains(/** @type {Node} */ (event.target));
    const action = (isInside && ACTIONS[name]) || PLACES[name];
    const check = isInside && checks[name];
    const ink = event.target === body && (composer.isHtml ? TAGS : MARKS)[name];
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

/**
 * Puts a text in the place of what is selected.
 *
 * @param {Field} field
 * @param {string} text
 * @param {number} [from]
 * @param {number} [to]
 */
function insert(field, text, from = startOf(field), to = endOf(field)) {
  field.focus();
  field.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
}

/** @param {Field} field */
const startOf = (field) => field.selectionStart ?? 0;

/** @param {Field} field */
const endOf = (field) => field.selectionEnd ?? 0;

/**
 * Marks what is selected on both sides, or takes such marks away; `glue` is put between lines.
 *
 * @param {Field} field
 * @param {string} mark
 * @param {string} [end]
 * @param {string} [glue]
 */
function surround(field, mark, end = mark, glue = "\n") {
  const { value } = field;
  const [from, to] = [startOf(field), endOf(field)];
  const inner = value.slice(from, to);
  const [before, after] = [value.slice(0, from), value.slice(to)];
  if (isMarked(before, after, mark, end)) {
    const plain = inner.replaceAll(glue, "\n");
    insert(field, plain, from - mark.length, to + end.length);
    return field.setSelectionRange(from - mark.length, from - mark.length + plain.length);
  }
  const [, lead, words, trail] = /** @type {string[]} */ (/^(\s*)([^]*?)(\s*)$/.exec(inner));
  const marked = words.replaceAll("\n", glue);
  insert(field, lead + mark + marked + end + trail);
  const start = from + lead.length + mark.length;
  field.setSelectionRange(start, start + marked.length);
}

/**
 * Whether marks stand around what is selected. One asterisk of two is not a mark of its own.
 *
 * @param {string} before
 * @param {string} after
 * @param {string} mark
 * @param {string} end
 */
export function isMarked(before, after, mark, end) {
  if (mark !== end) return before.endsWith(mark) && after.startsWith(end);
  const left = before.length - before.replace(/\**$/, "").length;
  const right = after.length - after.replace(/^\**/, "").length;
  return [left, right].every((count) => count === mark.length || count === 3);
}

/**
 * Puts a mark before each line that is selected, or takes it away if all have it.
 *
 * @param {Field} field
 * @param {string} mark
 */
function prefix(field, mark) {
  const { value } = field;
  const [from, to] = [startOf(field), endOf(field)];
  const start = value.lastIndexOf("\n", from - 1) + 1;
  const end = value.indexOf("\n", to) < 0 ? value.length : value.indexOf("\n", to);
  const lines = value.slice(start, end).split("\n");
  const isMarked = lines.every((line) => line.startsWith(mark));
  const told = lines.map((line) => (isMarked ? line.slice(mark.length) : mark + line)).join("\n");
  insert(field, told, start, end);
  if (from !== to) field.setSelectionRange(start, start + told.length);
}

/**
 * A link of what is selected; what is an address becomes its target.
 *
 * @param {Field} field
 * @param {boolean} [isHtml]
 * @param {string} [label] - Comes before it.
 */
function link(field, isHtml = false, label = "") {
  const from = startOf(field);
  const inner = field.value.slice(from, endOf(field));
  const isAddress = /^https?:\/\/\S+$/.test(inner);
  const [words, target] = isAddress ? ["", inner] : [inner, "https://"];
  const [start, end] = isHtml ? ['<a href="', `">${words}</a>`] : [`[${words}](`, ")"];
  insert(field, label + start + target + end);
  const at = from + label.length + start.length;
  const place = isHtml ? at + target.length + 2 : from + label.length + 1;
  if (words) field.setSelectionRange(at, at + target.length);
  else field.setSelectionRange(place, place);
}
