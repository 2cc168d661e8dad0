/**
 * The buttons above the text: one stop of the Tab key, and arrows between them (WAI-ARIA, toolbar).
 */

import { MARKS, TAGS } from "./marks.js";

/** @param {import("./composer.js").Composer} composer */
export function bindToolbar(composer) {
  const { form, body } = composer;
  const bar = form.querySelector("[role=toolbar]");
  const buttons = [...bar.querySelectorAll("button")];
  /** @param {number} at */
  const enter = (at) => {
    const next = (at + buttons.length) % buttons.length;
    buttons.forEach((button, n) => (button.tabIndex = n === next ? 0 : -1));
    buttons[next].focus();
  };
  // What is selected stays so, and a phone's keyboard stays open.
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  bar.addEventListener("click", ({ target }) => {
    const { mark = "" } = /** @type {Element} */ (target).closest("button")?.dataset ?? {};
    if (!mark) return;
    const write = () => (composer.isHtml ? TAGS : MARKS)[mark](body);
    if (mark !== "quote" || composer.isHtml) return write();
    // Without the network it is the mark alone.
    import("./quotation.js").then(({ askQuotation }) => askQuotation(composer), write);
  });
  bar.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const isReversed = getComputedStyle(bar).direction === "rtl";
    const step = isReversed ? -1 : 1;
    /** @type {Record<string, number>} */
    const places = { ArrowRight: at + step, ArrowLeft: at - step, Home: 0, End: -1 };
    if (!(event.key in places)) return;
    event.preventDefault();
    enter(places[event.key]);
  });
}
