import { request } from "./api.js";

/**
 * Suggests the tags that the coverage has so far, as soon as somebody comes to the field.
 *
 * @param {Element} field
 * @param {string} coverage
 */
export function suggestTags(field, coverage) {
  const input = field.querySelector("input");
  const list = field.querySelector("datalist");
  const fill = async () => {
    const { entries } = await request("GET", `/v1/coverages/${coverage}/entries?limit=100`);
    /** @type {Set<string>} */
    const tags = new Set(
      entries.flatMap((/** @type {{tags?: string[]}} */ { tags }) => tags ?? []),
    );
    list.replaceChildren(...Array.from(tags, (tag) => new Option(tag)));
  };
  input.addEventListener("focus", () => fill().catch(() => {})); // they are suggestions only
}
