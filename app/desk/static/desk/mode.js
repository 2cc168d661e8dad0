/**
 * What the composer is for at the moment: something new, a draft, or a change of what is public.
 */

import { clock } from "./moments.js";

/** Shows what belongs to a text's mode (`data-modes`) and hides the rest; says which it is. */
export function showMode(form, { mode, entry }, words) {
  for (const each of form.querySelectorAll("[data-modes]")) {
    each.hidden = !each.dataset.modes.split(" ").includes(mode);
  }
  form.dataset.mode = mode;
  const time = entry?.at && clock(entry.at, form.dataset.zone);
  form.querySelector(".title").textContent = words(`title-${mode}`, { time });
}
