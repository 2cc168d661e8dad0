/**
 * The tags that the coverage has so far, to choose from.
 */

import { ask } from "./api.js";

/** Fills a list of suggestions as soon as somebody comes to the field. */
export function suggestTags(field, coverage) {
  const input = field.querySelector("input");
  const list = field.querySelector("datalist");
  const fill = async () => {
    const { data } = await ask("GET", `/v1/coverages/${coverage}/entries?limit=100`);
    const tags = new Set(data.entries.flatMap((entry) => entry.tags ?? []));
    list.replaceChildren(...Array.from(tags, (tag) => new Option(tag)));
  };
  input.addEventListener("focus", () => fill().catch(() => {})); // they are suggestions only
}
