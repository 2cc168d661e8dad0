/**
 * A field for several short texts (bylines, tags): each one is a chip that a button takes away.
 */

import { copyOf } from "./messages.js";

export class Chips {
  /**
   * @param {HTMLElement} field - Holds `ul` and `input`; `data-parted` where a comma ends a text.
   * @param {HTMLElement} root - Where the template is.
   */
  constructor(field, root) {
    /** @type {HTMLUListElement} */
    this.list = field.querySelector("ul");
    this.input = field.querySelector("input");
    this.isParted = "parted" in field.dataset;
    this.root = root;
    this.input.addEventListener("keydown", (event) => this.#press(event));
    this.input.addEventListener("input", () => {
      if (this.isParted && /[,،]/.test(this.input.value)) this.#take();
    });
    this.input.addEventListener("change", () => this.#take());
    this.list.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      const chip = button?.closest("li");
      if (chip) this.#remove(chip);
    });
  }

  /** What is chosen; what is still being typed too. */
  get value() {
    const chips = /** @type {HTMLElement[]} */ ([...this.list.children]);
    const texts = chips.map((chip) => chip.dataset.text ?? "");
    return [...new Set([...texts, ...this.#split()])];
  }

  set value(texts) {
    this.input.value = "";
    this.list.replaceChildren(...texts.map((text) => this.#chip(text)));
  }

  #split() {
    const parts = this.isParted ? this.input.value.split(/[,،]/) : [this.input.value];
    return parts.map((part) => part.trim()).filter(Boolean);
  }

  #take() {
    const { value } = this;
    if (this.input.value.trim() || this.input.value.includes(",")) this.value = value;
    this.#tell();
  }

  /** @param {string} text */
  #chip(text) {
    const chip = copyOf(this.root, "chip");
    chip.dataset.text = text;
    chip.querySelector("bdi").textContent = text;
    chip.querySelector(".unseen").append(` ${text}`);
    return chip;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      this.#take();
    }
    if (event.key === "Backspace" && !this.input.value && this.list.lastElementChild) {
      this.#remove(this.list.lastElementChild);
    }
  }

  /** @param {Element} chip */
  #remove(chip) {
    chip.remove();
    this.input.focus();
    this.#tell();
  }

  #tell() {
    this.list.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
