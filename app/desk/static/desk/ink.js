/**
 * Writes Markdown or HTML into a field, so that undo takes it back.
 *
 * What scripts put into a field by its value wipes out what can be undone; `insertText` is typing,
 * as the browser sees it. It counts as outdated, and nothing else does this in all browsers.
 */

/** Puts a text in the place of what is selected. */
export function insert(field, text, from = field.selectionStart, to = field.selectionEnd) {
  field.focus();
  field.setSelectionRange(from, to);
  if (document.execCommand("insertText", false, text)) return;
  field.setRangeText(text, from, to, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
}

/** Marks what is selected on both sides, or takes such marks away; `glue` is put between lines. */
export function surround(field, mark, end = mark, glue = "\n") {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const inner = value.slice(from, to);
  const [before, after] = [value.slice(0, from), value.slice(to)];
  if (isMarked(before, after, mark, end)) {
    const plain = inner.replaceAll(glue, "\n");
    insert(field, plain, from - mark.length, to + end.length);
    return field.setSelectionRange(from - mark.length, from - mark.length + plain.length);
  }
  const [, lead, words, trail] = /^(\s*)([^]*?)(\s*)$/.exec(inner);
  const marked = words.replaceAll("\n", glue);
  insert(field, lead + mark + marked + end + trail);
  const start = from + lead.length + mark.length;
  field.setSelectionRange(start, start + marked.length);
}

/** One asterisk of two is not a mark of its own. */
function isMarked(before, after, mark, end) {
  if (mark !== end) return before.endsWith(mark) && after.startsWith(end);
  const [left, right] = [/\**$/.exec(before)[0].length, /^\**/.exec(after)[0].length];
  return [left, right].every((count) => count === mark.length || count === 3);
}

/** Puts a mark before each line that is selected, or takes it away if all have it. */
export function prefix(field, mark) {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const start = value.lastIndexOf("\n", from - 1) + 1;
  const end = value.indexOf("\n", to) < 0 ? value.length : value.indexOf("\n", to);
  const lines = value.slice(start, end).split("\n");
  const isMarked = lines.every((line) => line.startsWith(mark));
  const told = lines.map((line) => (isMarked ? line.slice(mark.length) : mark + line)).join("\n");
  insert(field, told, start, end);
  if (from !== to) field.setSelectionRange(start, start + told.length);
}

/** A link of what is selected; what is an address becomes its target. */
export function link(field, isHtml, label = "") {
  const { selectionStart: from, selectionEnd: to, value } = field;
  const inner = value.slice(from, to);
  const isAddress = /^https?:\/\/\S+$/.test(inner);
  const [words, target] = isAddress ? ["", inner] : [inner, "https://"];
  const [start, end] = isHtml ? ['<a href="', `">${words}</a>`] : [`[${words}](`, ")"];
  insert(field, label + start + target + end);
  const at = from + label.length + start.length;
  const place = isHtml ? at + target.length + 2 : from + label.length + 1;
  if (words) field.setSelectionRange(at, at + target.length);
  else field.setSelectionRange(place, place);
}
