/**
 * The live timeline, as readers see it, with what may be done with each entry.
 */

import { share } from "../tabs.js";
import { tellAges } from "../times.js";
import { Timeline } from "../timeline.js";
import { tellNames } from "./visits.js";

const BREATH = 15_000; // ms between two looks at how long ago all that was

export class Entries {
  #pinned;

  /**
   * @param {Element} root - The region of the page that holds the timeline.
   * @param {object} desk
   * @param {DOMStringMap} desk.facts - Of the page: coverage, cursor, silence, pinned, newest.
   * @param {(id: string) => string[]} desk.editors - Names of others who edit an entry.
   * @param {(event: object) => void} desk.onEvent - Gets each event of the journal.
   */
  constructor(root, { facts, editors, onEvent }) {
    this.root = root;
    this.editors = editors;
    this.pattern = document.querySelector("template#entry-actions").content.firstElementChild;
    this.#pinned = facts.pinned;
    for (const article of root.querySelectorAll(".days .entry")) this.#dress(article);
    this.timeline = new Timeline(root, {
      isOpen: facts.newest !== undefined,
      onArticle: (article, entry) => entry && this.#dress(article, entry),
      onChange: () => tellAges(root),
    });
    share(facts.coverage, {
      after: facts.cursor,
      format: "html",
      silence: Number(facts.silence),
      onEvent: (event) => {
        this.timeline.take(event);
        onEvent(event);
      },
      onReset: () => location.reload(),
      onState: (state) => this.#tell(state),
    });
    setInterval(() => document.hidden || tellAges(root), BREATH);
  }

  /** Shows who is editing what. */
  tellEditors() {
    for (const article of this.timeline.entries) this.#note(article);
  }

  #dress(article, entry) {
    const { entry: id, keyEvent } = article.dataset;
    if (entry?.pinned) this.#pinned = id;
    else if (entry && this.#pinned === id) this.#pinned = "";
    const actions = this.pattern.cloneNode(true);
    const state = article.matches(".tombstone") ? "tombstone" : "entry";
    for (const button of actions.querySelectorAll(`[data-of]:not([data-of=${state}])`)) {
      button.remove();
    }
    const pressed = { pin: this.#pinned === id, turn: keyEvent !== undefined };
    for (const [act, is] of Object.entries(pressed)) {
      actions.querySelector(`[data-act=${act}]`)?.setAttribute("aria-pressed", is);
    }
    article.append(actions);
    this.#note(article);
  }

  #note(article) {
    tellNames(article.querySelector(".actions .editing"), this.editors(article.dataset.entry));
  }

  #tell(state) {
    const place = this.root.querySelector(".connection");
    place.dataset.state = state;
    place.textContent = place.dataset[state] ?? "";
  }
}
