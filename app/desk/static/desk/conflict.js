/**
 * Two texts of one entry: what was there and what is to be, or what two people wrote at once.
 */

import { joinBodies, showDifference } from "./difference.js";
import { sourceOf } from "./fields.js";
import { ask } from "./question.js";
import { textsOf } from "./texts.js";

/**
 * Shows both side by side, and asks what is to become of them. Escape changes nothing.
 *
 * @param {object} theirs - The entry as it is now.
 * @param {{headline: string, body: string, format: string}} mine - What was written here.
 * @returns {Promise<{choice: "theirs"|"mine"|"merge", headline: string, body: string,
 *   format: string}|null>} with the text to go on with.
 */
export async function settle(theirs, mine) {
  const answer = await ask("conflict", (dialog) => {
    const [here, there] = textsOf(mine, theirs);
    showDifference(dialog.querySelector(".theirs"), here, there, "fresh");
    showDifference(dialog.querySelector(".mine"), there, here, "fresh");
  });
  if (!answer) return null;
  const { choice } = answer;
  if (choice === "theirs") return { choice, headline: theirs.headline ?? "", ...sourceOf(theirs) };
  return { choice, ...mine, ...(choice === "merge" && joinBodies(theirs, mine)) };
}

/**
 * Shows what a correction changes, before it is sent.
 *
 * @param {{saved: object, values: object}} text - The fields as they are and as they become.
 * @returns {Promise<boolean>} Whether it may go.
 */
export async function review({ saved, values }) {
  const answer = await ask("ask-correct", (dialog) => {
    showDifference(dialog.querySelector(".difference"), ...textsOf(saved, values));
    dialog.querySelector(".quoted").textContent = values.note;
  });
  return Boolean(answer);
}
