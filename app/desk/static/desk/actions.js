/**
 * What the buttons of drafts and entries do, and what is said of it: the words stand in the page.
 */

import { Refusal, request } from "./api.js";
import { ask } from "./dialog.js";
import { categoryOf } from "./language.js";

/**
 * What a button does, with the id of its entry.
 *
 * @typedef {(id: string, button: HTMLButtonElement) => unknown} Action
 */

const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const trouble = document.querySelector(".trouble");

/**
 * @param {string} path - Of the coverage's API.
 * @param {object} desk
 * @param {import("./drafts.js").Drafts} desk.drafts
 * @param {import("./entries.js").Entries} desk.entries
 * @param {(entry: import("./api.js").NewsroomEntry, mode: import("./autosave.js").Mode,
 *   original?: import("./fields.js").Original) => unknown} desk.write - Opens something in the
 *   composer, to become a translation of the original as it is now.
 * @returns {Record<string, Action>} by what a button is called in `data-act`.
 */
export function entryActions(path, { drafts, entries, write }) {
  const entry = (/** @type {string} */ id) => `${path}/entries/${id}`;
  const draft = (/** @type {string} */ id) => `${path}/drafts/${id}`;
  const titleOf = (/** @type {string} */ id) => drafts.get(id)?.title ?? "";
  /** @type {(words: string) => (dialog: HTMLElement) => void} */
  const quote = (words) => (dialog) => {
    dialog.querySelector(".quoted").textContent = words;
  };
  const done = async (/** @type {string} */ word) => {
    say(word);
    await drafts.read();
  };

  return {
    amend: async (id) => write(await request("GET", entry(id)), "amend"),
    correct: async (id) => write(await request("GET", entry(id)), "correct"),
    open: async (id) => write(await request("GET", draft(id)), "draft"),
    history: async (id) => (await import("./diff.js")).showRevisions(path, id),

    async pin(id, button) {
      const isHeld = button.ariaPressed === "true";
      await request(isHeld ? "DELETE" : "PUT", `${entry(id)}/pin`);
      say(isHeld ? "unpinned" : "pinned");
    },

    async summarise(id, button) {
      const isSummary = button.ariaPressed === "true";
      await request(isSummary ? "DELETE" : "PUT", `${entry(id)}/summary`);
      say(isSummary ? "unsummarised" : "summarised");
    },

    async turn(id, button) {
      const isTurn = button.ariaPressed !== "true";
      const etag = `"${button.closest("[data-revision]")?.dataset.revision}"`;
      await request("PATCH", entry(id), { json: { key_event: isTurn }, etag });
      say(isTurn ? "turned" : "unturned");
    },

    async assess(id, button) {
      const { assess } = await import("./assessments.js");
      const item = /** @type {HTMLElement | null} */ (button.closest("[data-claim]"));
      if (await assess(path, id, item?.dataset.claim)) say("assessed");
    },

    async compare(id) {
      const { compareTranslation } = await import("./translations.js");
      const answer = await compareTranslation(path, id);
      if (!answer) return;
      const { choice, original } = answer;
      if (choice === "same") {
        const { revision } = original;
        await request("PUT", `${entry(id)}/translation`, { json: { revision } });
        return say("compared");
      }
      await write(answer.entry, choice === "correct" ? "correct" : "amend", original);
    },

    async retract(id, button) {
      // At once, from the page: what is typed next belongs into the dialog.
      const words = button.closest(".entry")?.dataset.title ?? "";
      const asked = ask("ask-retract", quote(words));
      const form = document.querySelector("#ask-retract").querySelector("form");
      countTranslations(form, id);
      const answer = await asked;
      if (!answer) return;
      const translations = new FormData(form).get("translations") ?? undefined;
      const { note } = answer;
      await request("POST", `${entry(id)}/retraction`, { json: { note, translations } });
      say("retracted");
      const { followReach } = await import("./reach.js");
      followReach(entry(id), (sentence) => (said.textContent = sentence));
    },

    async restore(id) {
      await request("POST", `${entry(id)}/restoration`);
      await done("restored");
    },

    async publish(id) {
      const { status } = await request("POST", `${entry(id)}/publication`);
      entries.expect(id);
      await done(status === "scheduled" ? "held" : "published");
    },

    async submit(id) {
      await request("PUT", `${draft(id)}/submission`);
      await done("submitted");
    },

    async withdraw(id) {
      await request("DELETE", `${draft(id)}/submission`);
      await done("withdrawn");
    },

    async return(id) {
      const answer = await ask("ask-return", quote(titleOf(id)));
      if (!answer) return;
      await request("POST", `${draft(id)}/return`, { json: { note: answer.note } });
      await done("returned");
    },

    async undo(id) {
      await request("DELETE", `${entry(id)}/publication`);
      await done("withdrawn");
    },

    async delete(id) {
      if (!(await ask("ask-delete", quote(titleOf(id))))) return;
      await request("DELETE", draft(id));
      await done("deleted");
    },

    keys: () => ask("keys"),
  };
}

/**
 * Says in a dialog how many translations go with an entry.
 *
 * @param {HTMLElement} form
 * @param {string} id
 */
async function countTranslations(form, id) {
  const group = form.querySelector(".translations");
  if (!group) return;
  group.hidden = true;
  const path = `${location.pathname}/entries/${id}/translations`;
  const { translations } = await request("GET", path).catch(() => ({ translations: 0 }));
  const legend = group.querySelector("legend");
  const words = legend.getAttribute(`data-${categoryOf(translations)}`) ?? "";
  legend.textContent = words.replace("#", `${translations}`);
  group.hidden = !translations;
}

/**
 * Has the buttons below an element do what they are called.
 *
 * @param {HTMLElement} main
 * @param {Record<string, Action>} known
 */
export function bindActions(main, known) {
  main.addEventListener("click", async ({ target }) => {
    /** @type {HTMLButtonElement | null} */
    const button = /** @type {Element} */ (target).closest?.("button[data-act]");
    const act = known[button?.dataset.act ?? ""];
    if (!act || !button || button.ariaBusy === "true") return;
    button.ariaBusy = "true"; // pressed twice it does nothing twice
    trouble.textContent = "";
    try {
      await act(button.closest("[data-entry]")?.dataset.entry ?? "", button);
    } catch (error) {
      complain(error);
    } finally {
      button.ariaBusy = null;
    }
  });
}

/**
 * Says what happened, to who hears the page and to who sees it.
 *
 * @param {string} action - Names the words.
 * @param {string} [name] - Who did it.
 */
export function say(action, name = "") {
  trouble.textContent = "";
  const words = (said.getAttribute(`data-${action}`) ?? "").replace("{name}", name);
  // The same words once more are news too.
  said.textContent = said.textContent === words ? `${words}\u00a0` : words;
}

/** The server can be reached: what was said of that is settled. */
export function settleOutage() {
  if (trouble.textContent === trouble.dataset.offline) trouble.textContent = "";
}

/**
 * Tells what went wrong: what the server says, or that it cannot be reached.
 *
 * @param {unknown} error
 */
export function complain(error) {
  if (error instanceof Refusal) {
    trouble.textContent = (error.status === 401 && trouble.dataset.signedOut) || error.message;
  } else if (error instanceof TypeError) trouble.textContent = trouble.dataset.offline ?? "";
  if (!(error instanceof Refusal)) throw error;
}
