/**
 * Loads what sources and figures need when somebody comes to the composer: no page of a desk waits
 * for it, and it is there when the line is lost later.
 *
 * @param {import("./composer.js").Composer} composer
 * @param {string} coverage - Its slug.
 */
export function bindStatements(composer, coverage) {
  const { form, body, fields } = composer;
  /** @type {Promise<import("./statements.js").Statements> | undefined} */
  let loading;
  const load = () => {
    loading ??= import("./statements.js").then(({ Statements }) => {
      return new Statements(composer, coverage);
    });
    loading.catch(() => (loading = undefined)); // it is asked for again
    return loading;
  };
  /** @type {(prompt: "source" | "figure", first: string) => () => Promise<void>} */
  const ask = (prompt, first) => async () => {
    const at = /** @type {HTMLElement} */ (document.activeElement);
    const back = form.contains(at) && !at.closest(".prompt") ? at : body;
    const place = form.querySelector(`[data-prompt=${first}]`);
    const isOpen = form.querySelector(".prompt:not([hidden])");
    if (!isOpen) place.hidden = false; // at once: what is typed next goes there
    if (!isOpen) place.querySelector("input").focus();
    (await load()).open(prompt, back);
  };
  composer.aids.source = ask("source", "source");
  composer.aids.figure = ask("figure", "series");
  const show = () => {
    if (fields.claims.length || fields.figures.length) load().catch(() => {});
  };
  form.addEventListener("focusin", () => load().catch(() => {}), { once: true });
  form.addEventListener("filled", show);
  show();
}
