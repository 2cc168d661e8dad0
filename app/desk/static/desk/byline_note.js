/**
 * The names under which a text goes out, beside the button that sends it; a press leads to them.
 *
 * @param {import("./composer.js").Composer} composer
 */
export function bindBylines({ form, fields, words, aids }) {
  /** @type {HTMLButtonElement} */
  const note = form.querySelector("[data-action=bylines]");
  const show = () => {
    const names = fields.bylines.value.join(" · ");
    note.textContent = words(names ? "byline" : "byline-none", { names });
  };
  form.addEventListener("input", show);
  form.addEventListener("filled", show);
  show();
  aids.bylines = () => {
    form.querySelector("details.more").setAttribute("open", "");
    fields.bylines.input.focus();
  };
}
