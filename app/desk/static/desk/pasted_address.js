/**
 * An address pasted on a line of its own: a post or a video of another site is added to the entry, and
 * a page of this server becomes a link with its coverage's title.
 *
 * Of an entry its time is said, and none of its words: they would stay here after its retraction.
 */

import { clock } from "./zoned_time.js";
import { newId } from "./local_store.js";
import { request } from "./api.js";
import { wordsOf } from "./fields.js";

const OWN = /^\/coverages\/([a-z0-9-]+)(?:\/entries\/([\w.:-]+))?\/?$/;
const MARKS = /[\\[\]*_`<>&~]/g; // that Markdown would take for its own

/**
 * Replaces an address if it stands on a line of its own, once it is known what it leads to. Whatever
 * is typed meanwhile stays, and what leads to nothing known stays an address.
 *
 * @param {string} address
 * @param {import("./composer.js").Composer} composer
 */
export async function takeAddress(address, composer) {
  if (!lineOf(address, composer.body.value)) return;
  const { origin, pathname } = new URL(address);
  try {
    if (origin === location.origin) {
      const link = await linkTo(pathname, address, composer);
      if (link) replaceLine(address, link, composer);
      return;
    }
    const media = await request("POST", "/v1/media", { json: { url: address }, key: newId() });
    // It may have been removed, or sent as it was.
    if (!replaceLine(address, "", composer)) return;
    composer.media.value = [...composer.media.value, { ...media, known: wordsOf(media) }];
    composer.tell(
      composer.words("embed-added", { name: media.card?.site ?? new URL(media.url).host }),
    );
    composer.body.dispatchEvent(new Event("input", { bubbles: true }));
  } catch {
    // An address of any other page, or no network: it stays as it is.
  }
}

/**
 * @param {string} path
 * @param {string} address
 * @param {import("./composer.js").Composer} composer
 */
async function linkTo(path, address, { isHtml, own }) {
  const [, slug, id] = OWN.exec(path) ?? [];
  if (!slug || isHtml) return null;
  const coverage = await request("GET", `/v1/coverages/${slug}`);
  if (coverage.status === "planned") return null;
  const names = [coverage.title.replace(MARKS, "\\$&")];
  if (id) {
    const entry = await request("GET", `/v1/coverages/${slug}/entries/${id}`);
    if (entry.status !== "published") return null;
    names.push(clock(entry.published_at, own.zone));
  }
  return `[${names.join(", ")}](${address})`;
}

/**
 * Where the line of an address begins and ends; null if it stands on none of its own.
 *
 * @param {string} address
 * @param {string} text
 */
function lineOf(address, text) {
  const lines = text.split("\n");
  const number = lines.findIndex((line) => line.trim() === address);
  if (number < 0) return null;
  const start = lines.slice(0, number).join("\n").length + Math.min(number, 1);
  return { start, end: start + lines[number].length };
}

/**
 * Returns whether it stood there.
 *
 * @param {string} address
 * @param {string} replacement
 * @param {import("./composer.js").Composer} composer
 */
function replaceLine(address, replacement, { body }) {
  const line = lineOf(address, body.value);
  if (!line) return false;
  body.setRangeText(replacement, line.start, line.end, "preserve");
  body.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}
