/**
 * An open desk whose person signs out, in this tab or another one: it saves its text and rests.
 *
 * The tabs talk by a BroadcastChannel: the one that signs out (`sign_out_cleanup.js`) asks, the
 * others answer.
 */

import { isEmpty } from "./fields.js";
import { titleOf } from "./letters.js";

/** @typedef {import("./autosave.js").Autosave} Autosave */

export const CHANNEL = "dateline sign-out";
const PATIENCE = 3_000; // ms for what is on its way

/**
 * Does what the tab in which somebody signs out asks for: `save`, then `stay` or `go`.
 *
 * @param {string} caller - Whose desk it is.
 * @param {Autosave} autosave
 */
export function answerSignOut(caller, autosave) {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = async ({ data: { asked, of } }) => {
    if (of !== caller) return;
    if (asked === "stay") {
      autosave.isResting = false;
      saveChanges(autosave);
    }
    // The tab itself goes on by its form.
    if (asked === "go" && !document.querySelector("form.sign-out[aria-busy]")) {
      location.replace("/desk/sign-in");
    }
    if (asked !== "save") return;
    await autosave.keep();
    const ended = new Promise((resolve) => setTimeout(resolve, PATIENCE));
    await Promise.race([saveChanges(autosave), ended]);
    await autosave.keep();
    autosave.isResting = true;
    const { text } = autosave;
    channel.postMessage({ parked: text.id, title: isUnsaved(text) ? titleOf(text.values) : null });
  };
}

/** @param {Autosave} autosave */
function saveChanges(autosave) {
  const { savesItself, isDirty, isDisputed, saving } = autosave;
  return savesItself && isDirty && !isDisputed ? autosave.save() : saving;
}

/**
 * Whether something of a text is in this browser alone.
 *
 * @param {import("./autosave.js").Text} text
 */
export function isUnsaved({ values, saved, entry, pending }) {
  if (pending || values.media.some(({ id }) => !id)) return true;
  if (isEmpty(values) && !entry) return false;
  return JSON.stringify(values) !== JSON.stringify(saved);
}
