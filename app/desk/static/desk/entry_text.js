/**
 * The words of an entry, or of what is written of one.
 *
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 *
 * A body as it is written, and in which format.
 * @typedef {{body: string, format: string}} Source
 *
 * What has a source: an entry, or fields.
 * @typedef {Pick<NewsroomEntry, "body"> & {format?: undefined} | Source} Sourced
 */

const BLOCKS =
  "p, li, dt, dd, div, pre, blockquote, td, th, caption, figcaption, h1, h2, h3, h4, h5, h6, br";

/**
 * A body as it is written, of an entry or of such fields: what came as HTML stays HTML.
 *
 * @param {Sourced} sourced
 * @returns {Source}
 */
export function sourceOf({ body, format }) {
  if (format !== undefined) return { body, format };
  const kind = body && body.markdown === null ? "html" : "markdown";
  return { body: body?.[kind] ?? "", format: kind };
}

/**
 * The words of an entry, or of what is written of one: its Markdown, or what its HTML says.
 *
 * @param {Sourced} entry
 */
export function textOf(entry) {
  const { body, format } = sourceOf(entry);
  return format === "html" ? plain(body) : body;
}

/** @param {string} html */
function plain(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const block of template.content.querySelectorAll(BLOCKS)) block.after("\n\n");
  return template.content.textContent.replace(/\n{3,}/g, "\n\n").trim();
}
