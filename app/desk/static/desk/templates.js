/**
 * The menu of templates in the composer, and the way from placeholder to placeholder.
 *
 * After a template was inserted Tab leads to the next placeholder, and Shift+Tab back. Behind the last
 * one, and after Escape, Tab is the Tab key again.
 *
 * @typedef {object} Template
 * @property {string} name
 * @property {string | null} language - Of the entries that it is for; null for all.
 * @property {string | null} headline
 * @property {string} body - Markdown.
 * @property {boolean} key_event
 */

import { request } from "./api.js";
import { bindMenu } from "./entry_menu.js";
import { insert } from "./marks.js";
import { placeholdersIn } from "./placeholders.js";
import { apart } from "./quotation.js";

/** @type {Promise<void> | undefined} */
let opening;

/**
 * Opens the menu for the first time; from then on its button opens it by itself.
 *
 * @param {import("./composer.js").Composer} composer
 * @param {string} coverage - Its slug.
 * @param {HTMLButtonElement} button
 */
export function openMenu(composer, coverage, button) {
  opening ??= new TemplateMenu(composer, coverage, button).open();
  opening.catch(() => (opening = undefined)); // it is asked for again
  return opening;
}

class TemplateMenu {
  #isFilling = false;
  /** @type {Template[]} */
  #known = [];

  /**
   * @param {import("./composer.js").Composer} composer
   * @param {string} coverage - Its slug.
   * @param {HTMLButtonElement} button
   */
  constructor(composer, coverage, button) {
    const { form } = composer;
    this.composer = composer;
    this.path = `/v1/templates?coverage=${coverage}`;
    this.button = button;
    /** @type {HTMLElement} */
    this.menu = form.querySelector(".template-menu");
    this.fields = ["headline", "body"].map((name) => this.#field(name));
    form.addEventListener("keydown", (event) => this.#press(event));
    form.addEventListener("filled", () => (this.#isFilling = false));
  }

  /** Reads the templates, and shows the menu for the first time. */
  async open() {
    const { menu } = this;
    const { value } = this.#field("body");
    await this.#read();
    this.#fill();
    bindMenu(this.button, menu);
    // It closes the menu, and does not lead from the composer to the timeline.
    menu.addEventListener("keydown", (event) => {
      if (event.key === "Escape") event.stopPropagation();
    });
    // On a slow line the writer may have gone on: the next key would then insert the first template.
    if (this.#field("body").value === value) menu.showPopover();
    menu.addEventListener("beforetoggle", (event) => {
      if (/** @type {ToggleEvent} */ (event).newState !== "open") return;
      this.#fill();
      this.#refresh().catch(() => {});
    });
  }

  /** Reads the templates once more, and shows what has changed. */
  async #refresh() {
    const { menu } = this;
    const before = JSON.stringify(this.#known);
    await this.#read();
    if (JSON.stringify(this.#known) === before || !menu.matches(":popover-open")) return;
    const at = document.activeElement;
    const isInside = menu.contains(at);
    this.#fill();
    const items = [...menu.querySelectorAll("button, a")];
    const same = items.find((each) => each.textContent === at?.textContent);
    if (isInside) /** @type {HTMLElement | undefined} */ (same ?? items[0])?.focus();
  }

  async #read() {
    this.#known = (await request("GET", this.path)).templates;
  }

  /** @param {string} name */
  #field(name) {
    return /** @type {HTMLInputElement} */ (this.composer.form.elements.namedItem(name));
  }

  /** Lists the templates for the entry's language. */
  #fill() {
    const { menu } = this;
    const language = primary(this.#field("language").value);
    const offered = this.#known.filter((each) => {
      return !each.language || primary(each.language) === language;
    });
    const buttons = offered.map((template) => {
      const button = document.createElement("button");
      button.type = "button";
      button.dir = "auto";
      if (template.language) button.lang = template.language;
      button.textContent = template.name;
      button.addEventListener("click", () => this.#insert(template));
      return button;
    });
    for (const button of menu.querySelectorAll("button")) button.remove();
    menu.prepend(...buttons);
    menu.querySelector(".hint").hidden = buttons.length > 0;
  }

  /** @param {Template} template */
  #insert({ headline, body, key_event: isKeyEvent }) {
    const { composer } = this;
    const [title, text] = this.fields;
    const isEmpty = this.fields.every((field) => !field.value.trim());
    if (composer.isHtml && !isEmpty) return composer.tell(composer.words("template-markdown"));
    if (composer.isHtml) this.#field("format").value = "markdown";
    if (isEmpty && isKeyEvent) this.#field("key_event").checked = true;
    const { selectionStart, selectionEnd, value } = text;
    const [from, to] = isEmpty ? [0, value.length] : [selectionStart ?? 0, selectionEnd ?? 0];
    if (isEmpty && headline) insert(title, headline, 0, title.value.length);
    const isBlock = !isEmpty && body.includes("\n");
    const words = isBlock ? apart(value.slice(0, from), body, value.slice(to)) : body;
    insert(text, words, from, to);
    this.#isFilling = true;
    const field = isEmpty ? 0 : 1;
    if (this.#select({ field, at: isEmpty ? 0 : from })) {
      composer.tell(composer.words("template-inserted"));
    } else this.#isFilling = false;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const field = this.fields.findIndex((each) => each === event.target);
    if (!this.#isFilling || field < 0 || event.isComposing) return;
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const { selectionStart, selectionEnd } = this.fields[field];
    if (event.key === "Escape") {
      this.#isFilling = false;
      this.composer.tell("");
      event.preventDefault();
    } else if (event.key === "Tab" && event.shiftKey) {
      if (this.#select({ field, at: selectionStart ?? 0 }, true)) event.preventDefault();
    } else if (event.key === "Tab") {
      this.#isFilling = this.#select({ field, at: selectionEnd ?? 0 });
      if (this.#isFilling) event.preventDefault();
    }
  }

  /**
   * Selects the next placeholder, or the one before.
   *
   * @param {{field: number, at: number}} from - A field by its number, and a place in its text.
   * @param {boolean} [isBack]
   * @returns Whether there is one.
   */
  #select(from, isBack = false) {
    const all = this.fields.flatMap(({ value }, field) => {
      return placeholdersIn(value).map((each) => ({ ...each, field }));
    });
    const found = isBack
      ? all.findLast(({ field, end }) =>
        field < from.field || (field === from.field && end <= from.at)
      )
      : all.find(({ field, start }) =>
        field > from.field || (field === from.field && start >= from.at)
      );
    if (!found) return false;
    const { field, start, end } = found;
    this.fields[field].focus();
    this.fields[field].setSelectionRange(start, end);
    return true;
  }
}

/** @param {string} language */
const primary = (language) => language.toLowerCase().split("-")[0];
