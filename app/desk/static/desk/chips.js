/**
 * A field for several short texts (bylines, tags): each one is a chip that a button takes away.
 */

import { copyOf } from "./words.js";

export class Chips {
  /**
   * @param {HTMLElement} field - Holds `ul` and `input`; `data-parted` where a comma ends a text.
   * @param {HTMLElement} root - Where the template is.
   */
  constructor(field, root) {
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
      target.closest("button") && this.#remove(target.closest("li"));
    });
  }

  /** What is chosen; what is still being typed too. */
  get value() {
    const typed = this.#split();
    return [...new Set([...this.list.children].map((chip) => chip.dataset.text).concat(typed))];
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
    if (this.input.value.trim() || this.input.value.includes(",")) this.value = this.value;
    this.#tell();
  }

  #chip(text) {
    const chip = copyOf(this.root, "chip");
    chip.dataset.text = text;
    chip.querySelector("bdi").textContent = text;
    chip.querySelector(".unseen").append(` ${text}`);
    return chip;
  }

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

  #remove(chip) {
    chip.remove();
    this.input.focus();
    this.#tell();
  }

  #tell() {
    this.list.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
