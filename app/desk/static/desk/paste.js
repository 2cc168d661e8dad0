/**
 * Pasted texts: what Word, Google Docs and web pages put into the clipboard becomes Markdown.
 *
 * The plain text is there at once; the server, which reads such HTML for imports too, answers with
 * the Markdown that takes its place. Meanwhile one may write on, and is told of it if it lasts. Without
 * an answer, or once something else was written there, it stays. Undo leads back to it, and then to the text before.
 */

import { request } from "./api.js";
import { insert } from "./marks.js";

const PATIENCE = 60_000; // ms: a long text is under way for long on a slow line
const TOLD = 1000; // ms until one is told
const LINE_ENDS = /\r\n?|[\v\f\x85\u2028\u2029]/g;
// deno-lint-ignore no-control-regex -- these are what is replaced
const CONTROLS = /[\x00-\x08\x0e-\x1f\x7f-\x9f]/g;
const ITEMS = /^(?:[ \t]*(?:[•‣◦▪●○][ \t\xa0]*|[·–][ \t\xa0]+(?!\d))\S.*(?:\n|$)){2,}/gm;
const ITEM = /^[ \t]*[•‣◦▪●○·–][ \t\xa0]*/gm;

/**
 * Plain text without control characters, and with typed bullets as list marks.
 *
 * @param {string} text
 */
export function tidy(text) {
  const clean = text.replace(LINE_ENDS, "\n").replace(CONTROLS, " ");
  return clean.replace(ITEMS, (list) => list.replace(ITEM, "- "));
}

/**
 * @param {import("./composer.js").Composer} composer
 * @param {string} path - Of the coverage.
 */
export function bindPaste(composer, path) {
  const { body } = composer;
  body.addEventListener("paste", (event) => {
    const { clipboardData: data } = event;
    const html = data?.getData("text/html") ?? "";
    const text = data?.getData("text/plain") ||
      new DOMParser().parseFromString(html, "text/html").body.textContent;
    if (!text || composer.isHtml || event.defaultPrevented) return;
    event.preventDefault();
    const [from, to] = [body.selectionStart, body.selectionEnd];
    const words = body.value.slice(from, to);
    const isLink = words.trim() && /^https?:\/\/\S+$/.test(text.trim());
    if (isLink) return insert(body, `[${words}](<${text.trim()}>)`);
    const plain = tidy(text);
    insert(body, plain);
    if (/<[a-z]/i.test(html)) convert(html, plain, from);
  });

  /**
   * @param {string} html
   * @param {string} plain - What was inserted.
   * @param {number} from - Where.
   */
  async function convert(html, plain, from) {
    const before = body.value.slice(0, from);
    const signal = AbortSignal.timeout(PATIENCE);
    let told = "";
    const telling = setTimeout(() => composer.tell(told = composer.words("paste-read")), TOLD);
    const answer = await request("POST", `${path}/markdown`, { json: { html }, signal }).catch(() =>
      null
    );
    clearTimeout(telling);
    const isThere = body.value.startsWith(before + plain) && !composer.isHtml;
    // What was told since, such as a refusal, stays.
    const { textContent } = composer.form.querySelector(".message");
    if (told && (!textContent || textContent === told)) {
      composer.tell(answer && isThere ? "" : composer.words("paste-plain"));
    }
    if (!answer?.markdown || answer.markdown === plain || !isThere) return;
    const at = document.activeElement;
    const [start, end] = [body.selectionStart, body.selectionEnd];
    const grown = answer.markdown.length - plain.length;
    const moved = (
      /** @type {number} */ place,
    ) => (place < from + plain.length ? place : place + grown);
    insert(body, answer.markdown, from, from + plain.length);
    body.setSelectionRange(moved(start), moved(end));
    if (at !== body) /** @type {HTMLElement | null} */ (at)?.focus();
  }
}
