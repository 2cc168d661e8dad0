/**
 * Marks for words and lines in a text field, in Markdown and in HTML.
 *
 * Marks are written by `insertText`, which is typing, as the browser sees it, so that undo takes them
 * back: what scripts put into a field by its value wipes out what can be undone. It counts as
 * outdated, and nothing else does this in all browsers.
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 */

/**
 * In Markdown.
 *
 * @type {Record<string, (field: Field) => void>}
 */
export const MARKS = {
  bold: (field) => surround(field, "**"),
  italic: (field) => surround(field, "*"),
  link: (field) => link(field),
  list: (field) => prefix(field, "- "),
  quote: (field) => prefix(field, "> "),
  heading: (field) => prefix(field, "## "),
};

/**
 * The same in HTML.
 *
 * @type {Record<string, (field: Field) => void>}
 */
export const TAGS = {
  bold: (field) => surround(field, "<strong>", "</strong>"),
  italic: (field) => surround(field, "<em>", "</em>"),
  link: (field) => link(field, true),
  list: (field) => surround(field, "<ul><li>", "</li></ul>", "</li>\n<li>"),
  quote: (field) => surround(field, "<blockquote><p>", "</p></blockquote>", "<br>\n"),
  heading: (field) => surround(field, "<h2>", "</h2>"),
};

/**
 * Puts a text in the place of what is selected.
 *
 * @param {Field} field
 * @param {string} text
 * @param {number} [from]
 * @param {number} [to]
 */
export function insert(field, text, from = startOf(field), to = endOf(field)) {
  field.focus();
  field.setSelectionRange(from, to);
  // Behind a modal dialog the field gets no focus, and what has it must not get the text.
  if (document.activeElement === field && document.execCommand("insertText", false, text)) return;
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
 */
function link(field, isHtml = false) {
  const from = startOf(field);
  const inner = field.value.slice(from, endOf(field));
  const isAddress = /^https?:\/\/\S+$/.test(inner);
  const [words, target] = isAddress ? ["", inner] : [inner, "https://"];
  const [start, end] = isHtml ? ['<a href="', `">${words}</a>`] : [`[${words}](`, ")"];
  insert(field, start + target + end);
  const at = from + start.length;
  const place = isHtml ? at + target.length + 2 : from + 1;
  if (words) field.setSelectionRange(at, at + target.length);
  else field.setSelectionRange(place, place);
}
