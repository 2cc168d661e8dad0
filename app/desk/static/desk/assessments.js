/**
 * Assessments: how far the newsroom has established what an entry's sources say.
 *
 * Loaded by the desk of an editor once it is there.
 */

import { Refusal, request } from "./api.js";
import { claimOf, figureOf } from "./statement.js";
import { lineWriter, readNames } from "./statement_words.js";
import { showTime } from "./time_element.js";

/**
 * What can be assessed: a claim by its id, or a figure by its place in the entry.
 *
 * @typedef {{target: {claim: string} | {figure: number}, line: string, status: string,
 *   note: string}} Assessable
 *
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 */

/**
 * Asks what is assessed and how, until it is stored or left; what is refused is said in the dialog,
 * and can be sent again.
 *
 * @param {string} path - Of the coverage's API.
 * @param {string} id - Of the entry.
 * @param {string} [claim] - Is chosen at first.
 * @returns {Promise<boolean>} Whether it is stored.
 */
export async function assess(path, id, claim) {
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("ask-assess"));
  const form = dialog.querySelector("form");
  const complaint = form.querySelector(".complaint");
  /** @type {NewsroomEntry} */
  let entry = await request("GET", `${path}/entries/${id}`);
  const assessables = assessablesOf(entry);
  form.reset();
  complaint.textContent = "";
  fill(form, assessables, claim);
  dialog.returnValue = "";
  const send = async (/** @type {SubmitEvent} */ event) => {
    const button = /** @type {HTMLButtonElement} */ (event.submitter);
    if (button?.value === "") return;
    event.preventDefault();
    const { target, status, note } = chosen(form, assessables);
    const json = { ...target, status, note: note || null };
    try {
      await request("POST", `${path}/entries/${id}/assessment`, {
        json,
        etag: `"${entry.revision}"`,
      });
      dialog.close("yes");
    } catch (error) {
      if (!(error instanceof Refusal)) {
        complaint.textContent = complaint.dataset.offline ?? "";
        return;
      }
      complaint.textContent = error.message;
      // Somebody was faster: what they did is seen before it is sent again.
      if (error.problem.current) entry = error.problem.current;
    }
  };
  const press = (/** @type {KeyboardEvent} */ { key, ctrlKey, metaKey }) => {
    if (key === "Enter" && (ctrlKey || metaKey)) form.requestSubmit(form.querySelector(".main"));
  };
  form.addEventListener("submit", send);
  form.addEventListener("keydown", press);
  dialog.showModal();
  /** @type {HTMLElement} */
  const first = form.querySelector("fieldset:not([hidden]) input:checked");
  first.focus();
  return new Promise((resolve) => {
    const close = () => {
      form.removeEventListener("submit", send);
      form.removeEventListener("keydown", press);
      if (back?.isConnected) back.focus();
      resolve(dialog.returnValue === "yes");
    };
    dialog.addEventListener("close", close, { once: true });
  });
}

/**
 * @param {NewsroomEntry} entry
 * @returns {Assessable[]}
 */
function assessablesOf({ claims, figures }) {
  const lines = lineWriter(readNames());
  return [
    ...claims.map((claim) => {
      const { status, note } = claim;
      const line = lines.claim(claimOf(claim));
      return { target: { claim: claim.id }, line, status, note: note ?? "" };
    }),
    ...figures.map((figure, at) => {
      const { status, note } = figure;
      const line = lines.figure(figureOf(figure));
      return { target: { figure: at }, line, status, note: note ?? "" };
    }),
  ];
}

/**
 * @param {HTMLFormElement} form
 * @param {Assessable[]} assessables
 * @param {string} [claim]
 */
function fill(form, assessables, claim) {
  const group = form.querySelector(".targets");
  const pattern = form.querySelector("template").content.querySelector("label");
  const at = assessables.findIndex(({ target }) => "claim" in target && target.claim === claim);
  const choices = assessables.map(({ line }, place) => {
    const choice = pattern.cloneNode(true);
    const input = choice.querySelector("input");
    input.value = `${place}`;
    input.checked = place === Math.max(0, at);
    choice.querySelector("span").textContent = line;
    return choice;
  });
  group.querySelector(".choices-of").replaceChildren(...choices);
  const show = () => {
    const { status, note } = assessables[Number(fieldOf(form, "target"))];
    setField(form, "status", status);
    setField(form, "note", note);
    require();
  };
  const require = () => {
    const note = /** @type {HTMLTextAreaElement} */ (form.elements.namedItem("note"));
    note.required = fieldOf(form, "status") !== "reported";
  };
  group.onchange = show;
  /** @type {HTMLElement} */ (form.querySelector(".statuses")).onchange = require;
  show();
}

/**
 * @param {HTMLFormElement} form
 * @param {Assessable[]} assessables
 */
function chosen(form, assessables) {
  const { target } = assessables[Number(fieldOf(form, "target"))];
  return { target, status: fieldOf(form, "status"), note: fieldOf(form, "note").trim() };
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  return `${new FormData(form).get(name) ?? ""}`;
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} value
 */
function setField(form, name, value) {
  /** @type {HTMLInputElement} */ (form.elements.namedItem(name)).value = value;
}

/** The list of what is still only reported. */
export class OnlyReported {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  /** @type {Set<string>} */
  #entries = new Set(); // the ids of those that are listed

  /**
   * @param {HTMLElement} root - The section, with a list and the pattern of an item.
   * @param {string} path - Of the coverage's API.
   */
  constructor(root, path) {
    this.root = root;
    this.path = path;
    this.pattern = root.querySelector("template").content.querySelector("li");
  }

  /**
   * An entry has changed.
   *
   * @param {import("../journal.js").Entry} entry
   */
  take({ id, claims }) {
    if (!claims?.length && !this.#entries.has(id)) return;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.read().catch(() => {}), 200);
  }

  /** Reads the list anew. */
  async read() {
    const { claims } = await request("GET", `${this.path}/claims?status=reported`);
    const focused = document.activeElement?.closest("[data-claim]");
    const { claim: last } = /** @type {HTMLElement | null} */ (focused)?.dataset ?? {};
    this.#entries = new Set(claims.map((/** @type {any} */ { entry_id }) => entry_id));
    const list = this.root.querySelector("ul");
    list.replaceChildren(...claims.map((/** @type {any} */ claim) => this.#item(claim)));
    this.root.querySelector(".count").textContent = `${claims.length || ""}`;
    this.root.hidden = !claims.length;
    if (last && this.root.contains(document.activeElement)) return;
    /** @type {HTMLElement | null} */
    const again = last ? list.querySelector(`[data-claim="${last}"]`) : null;
    if (last) (again ?? list.querySelector("li") ?? document.querySelector("#drafts"))?.focus();
  }

  /** @param {any} claim */
  #item(claim) {
    const item = this.pattern.cloneNode(true);
    item.dataset.entry = claim.entry_id;
    item.dataset.claim = claim.id;
    item.querySelector(".author").textContent = claim.source.name;
    item.querySelector(".item-words").textContent = claim.text ?? "";
    showTime(item.querySelector("time"), claim.published_at);
    const link = item.querySelector("a");
    const shown = document.getElementById(`entry-${claim.entry_id}`);
    link.href = shown ? `#${shown.id}` : claim.url;
    item.setAttribute("aria-label", [claim.source.name, claim.text].filter(Boolean).join(": "));
    return item;
  }
}
