/**
 * The live timeline, as readers see it, with what may be done with each entry.
 */

import { settleOutage } from "./actions.js";
import { request } from "./api.js";
import { share } from "../tabs.js";
import { showAges } from "../clock.js";
import { Timeline } from "../timeline.js";
import { bindMenu } from "./entry_menu.js";
import { showNames } from "./presence.js";

const BREATH = 15_000; // ms between two looks at how long ago all that was

export class Entries {
  /** @type {string | undefined} */
  #pinned;
  /** @type {string | undefined} */
  #summary;
  #isGone = false; // the stream, with a withdrawn coverage
  /** @type {Set<string>} */
  #stated; // the ids of entries with claims or figures
  /** @type {Set<string>} */
  #own = new Set(); // the ids of entries that were published here
  /** @type {Set<string>} */
  #arrived = new Set(); // the ids of those that events have brought

  /**
   * @param {HTMLElement} root - The region of the page that holds the timeline.
   * @param {object} desk
   * @param {DOMStringMap} desk.facts - Of the page: coverage, cursor, silence, pinned, newest, and the
   *   ids of the entries that state something.
   * @param {(id: string) => string[]} desk.editors - Names of others who edit an entry.
   * @param {(event: import("../journal.js").JournalEvent) => void} desk.onEvent - Gets each event of the journal.
   */
  constructor(root, { facts, editors, onEvent }) {
    this.root = root;
    this.editors = editors;
    /** @type {HTMLTemplateElement} */
    const { content } = document.querySelector("template#entry-actions");
    this.pattern = /** @type {HTMLElement} */ (content.firstElementChild);
    this.#pinned = facts.pinned;
    this.#summary = facts.summary;
    this.#stated = new Set(facts.stated?.split(" "));
    for (const article of root.querySelectorAll(".days .entry")) this.#dress(article);
    this.timeline = new Timeline(root, {
      isOpen: facts.newest !== undefined,
      onArticle: (article, entry) => {
        if (!entry) return;
        this.#dress(article, entry);
        this.#arrived.add(entry.id);
      },
      onChange: (count) => {
        showAges(root);
        if (count) queueMicrotask(() => this.#letOwnIn());
      },
    });
    this.follow = (/** @type {string | undefined} */ after) =>
      share(facts.coverage ?? "", {
        after,
        format: "html",
        silence: Number(facts.silence),
        onEvent: (event) => {
          this.timeline.take(event);
          if (event.type === "entry.retracted" && event.entry?.id === this.#summary) this.#sum("");
          else if (event.details) this.#sum(event.details.summary ?? "");
          onEvent(event);
        },
        onReset: () => location.reload(),
        onState: (state) => this.#tell(state),
      });
    this.stream = this.follow(facts.cursor);
    setInterval(() => document.hidden || showAges(root), BREATH);
  }

  /**
   * Goes on with the stream, which ended with a withdrawal, once the coverage is back.
   *
   * @param {string} path - Of the coverage.
   */
  async resume(path) {
    if (!this.#isGone) return;
    const { withdrawn } = await request("GET", `${path}/availability`);
    if (withdrawn || !this.#isGone) return;
    const { cursor } = this.stream;
    this.stream.close();
    this.stream = this.follow(cursor);
    document.querySelector(".board-head .withdrawn")?.remove();
  }

  /**
   * An entry that was published here comes in at once, whatever else waits.
   *
   * @param {string} id
   */
  expect(id) {
    this.#own.add(id);
    this.#letOwnIn();
  }

  #letOwnIn() {
    const { timeline } = this;
    const waits = (/** @type {string} */ id) => this.#arrived.has(id) && !timeline.find(id);
    if (timeline.isOpen && [...this.#own].some(waits)) timeline.show();
    for (const id of this.#own) if (timeline.find(id)) this.#own.delete(id);
  }

  /** Shows who is editing what. */
  tellEditors() {
    for (const article of this.timeline.entries) this.#note(article);
  }

  /**
   * @param {HTMLElement} article
   * @param {import("../journal.js").Entry} [entry] - Where an event has brought it.
   */
  #dress(article, entry) {
    const { entry: id, keyEvent } = article.dataset;
    if (entry?.pinned) this.#pinned = id;
    else if (entry && this.#pinned === id) this.#pinned = "";
    const actions = this.pattern.cloneNode(true);
    const state = article.matches(".tombstone") ? "tombstone" : "entry";
    for (const button of actions.querySelectorAll(`[data-of]:not([data-of=${state}])`)) {
      button.remove();
    }
    if (entry?.claims?.length || entry?.figures?.length) this.#stated.add(entry.id);
    else if (entry) this.#stated.delete(entry.id);
    const assess = actions.querySelector("[data-act=assess]");
    if (assess) assess.hidden = !this.#stated.has(id ?? "");
    for (const link of actions.querySelectorAll("a.translate")) {
      /** @type {HTMLAnchorElement} */ (link).href += id;
    }
    const pressed = {
      pin: this.#pinned === id,
      summarise: this.#summary === id,
      turn: keyEvent !== undefined,
    };
    for (const [act, is] of Object.entries(pressed)) {
      actions.querySelector(`[data-act=${act}]`)?.setAttribute("aria-pressed", `${is}`);
    }
    const menu = actions.querySelector(".menu");
    if (menu) bindMenu(actions.querySelector("[data-act=more]"), menu);
    article.append(actions);
    this.#note(article);
  }

  /** @param {string} id - Of the entry that is the summary now. */
  #sum(id) {
    this.#summary = id;
    /** @type {HTMLElement | null} */
    const line = this.root.querySelector(".summed");
    if (line) [line.dataset.entry, line.hidden] = [id, !id];
    for (const article of this.timeline.entries) {
      const button = article.querySelector("[data-act=summarise]");
      button?.setAttribute("aria-pressed", `${article.dataset.entry === id}`);
    }
  }

  /** @param {HTMLElement} article */
  #note(article) {
    const { entry = "" } = article.dataset;
    showNames(article.querySelector(".actions .editing"), this.editors(entry));
  }

  /** @param {import("../journal.js").State} state */
  #tell(state) {
    const place = this.root.querySelector(".connection");
    place.dataset.state = state;
    place.textContent = place.dataset[state] ?? "";
    this.#isGone = state === "gone";
    if (state === "live") settleOutage();
  }
}
