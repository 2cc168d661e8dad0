/**
 * What the buttons of drafts and entries do.
 */

import { ask as request } from "./api.js";
import { complain, say } from "./herald.js";
import { ask } from "./question.js";
import { showRevisions } from "./revisions.js";

/**
 * @param {string} path - Of the coverage's API.
 * @param {object} desk
 * @param {import("./drafts.js").Drafts} desk.drafts
 * @param {(entry: object, mode: string) => void} desk.write - Opens something in the composer.
 * @returns {Object<string, (id: string, button: HTMLElement) => Promise<void>>} by what a button is
 *   called in `data-act`.
 */
export function deeds(path, { drafts, write }) {
  const entry = (id) => `${path}/entries/${id}`;
  const draft = (id) => `${path}/drafts/${id}`;
  const fetchOne = async (address) => (await request("GET", address)).data;
  const quote = (words) => (dialog) => (dialog.querySelector(".quoted").textContent = words);
  const opening = (id) => drafts.get(id).title ?? "";
  const done = async (deed) => {
    say(deed);
    await drafts.read();
  };

  return {
    amend: async (id) => write(await fetchOne(entry(id)), "amend"),
    correct: async (id) => write(await fetchOne(entry(id)), "correct"),
    open: async (id) => write(await fetchOne(draft(id)), "draft"),
    history: (id) => showRevisions(path, id),

    async pin(id, button) {
      const isHeld = button.ariaPressed === "true";
      await request(isHeld ? "DELETE" : "PUT", `${entry(id)}/pin`);
      say(isHeld ? "unpinned" : "pinned");
    },

    async turn(id, button) {
      const isTurn = button.ariaPressed !== "true";
      const etag = `"${button.closest("[data-revision]").dataset.revision}"`;
      await request("PATCH", entry(id), { json: { key_event: isTurn }, etag });
      say(isTurn ? "turned" : "unturned");
    },

    async retract(id, button) {
      // At once, from the page: what is typed next belongs into the dialog.
      const words = button.closest(".entry").dataset.title ?? "";
      const answer = await ask("ask-retract", quote(words));
      if (!answer) return;
      await request("POST", `${entry(id)}/retraction`, { json: { note: answer.note } });
      say("retracted");
    },

    async restore(id) {
      await request("POST", `${entry(id)}/restoration`);
      await done("restored");
    },

    async publish(id) {
      const { data } = await request("POST", `${entry(id)}/publication`);
      await done(data.status === "scheduled" ? "held" : "published");
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
      const answer = await ask("ask-return", quote(opening(id)));
      if (!answer) return;
      await request("POST", `${draft(id)}/return`, { json: { note: answer.note } });
      await done("returned");
    },

    async undo(id) {
      await request("DELETE", `${entry(id)}/publication`);
      await done("withdrawn");
    },

    async delete(id) {
      if (!(await ask("ask-delete", quote(opening(id))))) return;
      await request("DELETE", draft(id));
      await done("deleted");
    },

    keys: () => ask("keys"),
  };
}

/** Has the buttons below an element do what they are called. */
export function obey(main, known) {
  main.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button[data-act]");
    const act = known[button?.dataset.act];
    if (!act || button.ariaBusy === "true") return;
    button.ariaBusy = "true"; // pressed twice it does nothing twice
    try {
      await act(button.closest("[data-entry]")?.dataset.entry, button);
    } catch (error) {
      complain(error);
    } finally {
      button.ariaBusy = null;
    }
  });
}
