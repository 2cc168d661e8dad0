/**
 * Enter goes on with lists and quotations, and ends them in an empty line of theirs.
 */

import { insert } from "./marks.js";

// A quoted number means "more than" it.
const MARK = /^[ \t]*(?:(?:[-*•–·]|(\d{1,3})([.)]))[ \t]+|>(?! ?\d) ?)/;

/**
 * What Enter does at the end of a text.
 *
 * @param {string} before - The text before the caret.
 * @returns {{remove: number, text: string} | null} How many characters before the caret go, and what
 *   comes in their place; null for a mere line end.
 */
export function nextLine(before) {
  const line = before.slice(before.lastIndexOf("\n") + 1);
  const [mark, number, end] = MARK.exec(line) ?? [];
  if (!mark) return null;
  if (line.length === mark.length) return { remove: mark.length, text: "\n" };
  const next = number ? mark.replace(number + end, `${Number(number) + 1}${end}`) : mark;
  return { remove: 0, text: `\n${next}` };
}

/** @param {import("./composer.js").Composer} composer */
export function bindLineMarks(composer) {
  const { body } = composer;
  let isPlain = false; // Shift+Enter begins a line without a mark
  body.addEventListener("keydown", (event) => (isPlain = event.shiftKey));
  body.addEventListener("beforeinput", (event) => {
    const isLine = ["insertLineBreak", "insertParagraph"].includes(event.inputType);
    if (!isLine || isPlain || composer.isHtml || event.isComposing) return;
    const at = body.selectionStart;
    const next = at === body.selectionEnd ? nextLine(body.value.slice(0, at)) : null;
    if (!next) return;
    event.preventDefault();
    insert(body, next.text, at - next.remove, at);
  });
}
