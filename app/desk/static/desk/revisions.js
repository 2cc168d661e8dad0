/**
 * The public texts of an entry, the newest first, each with what it changed.
 */

import { ask as request } from "./api.js";
import { showDifference } from "./difference.js";
import { ask } from "./question.js";
import { tell, textsOf } from "./texts.js";

/** Shows them in the page's dialog. */
export async function showRevisions(path, id) {
  const { data } = await request("GET", `${path}/entries/${id}/revisions`);
  const { revisions } = data;
  await ask("texts", (dialog) => {
    const pattern = dialog.querySelector("template").content.firstElementChild;
    const items = revisions.map((revision, place) => {
      const item = pattern.cloneNode(true);
      item.querySelector(".number").textContent = revision.revision;
      tell(item.querySelector("time"), revision.at);
      item.querySelector(".note").textContent = revision.note ?? "";
      const texts = textsOf(revisions[place - 1] ?? revision, revision);
      showDifference(item.querySelector(".difference"), ...texts);
      return item;
    });
    dialog.querySelector(".texts").replaceChildren(...items.reverse());
    dialog.querySelector(".empty").hidden = items.length > 0;
  });
}
