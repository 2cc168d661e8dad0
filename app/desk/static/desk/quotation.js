/** The dialog for a quotation, and the Markdown of one. */

import { ask } from "./dialog.js";
import { insert } from "./marks.js";

/**
 * Asks for a quotation, who said it and where.
 *
 * @param {import("./composer.js").Composer} composer
 */
export async function askQuotation({ body, form }) {
  const [from, to] = [body.selectionStart, body.selectionEnd];
  /** @type {Record<string, HTMLInputElement>} */
  const fields = {};
  const answer = await ask("ask-quote", (dialog) => {
    for (const field of dialog.querySelectorAll("[name]")) {
      fields[field.getAttribute("name") ?? ""] = /** @type {HTMLInputElement} */ (field);
    }
    fields.quoted.value = body.value.slice(from, to);
  });
  body.focus();
  if (!answer) return body.setSelectionRange(from, to);
  const { quoted, speaker, place } = fields;
  /** @type {HTMLSelectElement} */
  const kind = form.querySelector("[name=kind]");
  if (!body.value.slice(0, from).trim() && !body.value.slice(to).trim()) kind.value = "quote";
  const words = quotation(quoted.value, speaker.value.trim(), place.value.trim());
  insert(body, apart(body.value.slice(0, from), words, body.value.slice(to)), from, to);
}

/**
 * A quotation in Markdown; its last line says whose it is.
 *
 * @param {string} text
 * @param {string} speaker
 * @param {string} place - Words, or an address.
 */
export function quotation(text, speaker, place) {
  const host = /^https?:\/\/(?:www\.)?([^/?#]+)\S*$/i.exec(place)?.[1];
  const source = host ? `[${host}](<${place}>)` : place;
  const name = [speaker, source].filter(Boolean).join(", ");
  const lines = text.trim().split("\n");
  if (name) lines.push("", `— ${name}`);
  return lines.map((line) => `> ${line}`.trimEnd()).join("\n");
}

/**
 * A block with the empty lines that it needs before and after it.
 *
 * @param {string} before
 * @param {string} block
 * @param {string} after
 */
export function apart(before, block, after) {
  const gap = (/** @type {number} */ ends) => "\n".repeat(Math.max(0, 2 - ends));
  const lead = before ? gap(/\n*$/.exec(before)?.[0].length ?? 0) : "";
  const trail = after ? gap(/^\n*/.exec(after)?.[0].length ?? 0) : "\n\n";
  return lead + block + trail;
}
