/**
 * A text field with a list of offers below it: the combobox of the ARIA Authoring Practices.
 *
 * The focus stays in the field. Arrows choose in the list, and a click does; what Enter does is up to
 * the owner, who asks for `chosen`.
 *
 * @typedef {import("./offers.js").Offer<any>} Offer
 *
 * @typedef {object} Owner
 * @property {(typed: string) => Offer[]} offers - What is offered for what is typed.
 * @property {(offer: Offer) => void} onPick - Gets what was clicked.
 * @property {boolean} [isEager] - The first offer is chosen until an arrow chooses another.
 */

export class Combobox {
  /** @type {Offer[]} */
  offers = [];
  at = -1;

  /**
   * @param {HTMLInputElement} input - Names its list in `aria-controls`.
   * @param {Owner} owner
   */
  constructor(input, owner) {
    this.input = input;
    this.owner = owner;
    this.list = /** @type {HTMLElement} */ (
      document.getElementById(input.getAttribute("aria-controls") ?? "")
    );
    input.addEventListener("input", () => this.show());
    input.addEventListener("focus", () => this.show());
    input.addEventListener("blur", () => this.#open(false));
    input.addEventListener("keydown", (event) => this.#press(event));
    // The focus stays in the field.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", ({ target }) => {
      const option = /** @type {Element} */ (target).closest("[role=option]");
      const offer = option && this.offers[[...this.list.children].indexOf(option)];
      if (offer) owner.onPick(offer);
    });
  }

  /** The offer that Enter takes; undefined for none. */
  get chosen() {
    return this.list.hidden ? undefined : this.offers[this.at];
  }

  /** Shows what is offered for what is typed now. */
  show() {
    this.offers = this.owner.offers(this.input.value.trim());
    this.list.replaceChildren(...this.offers.map((offer, at) => this.#option(offer, at)));
    this.#open(this.offers.length > 0 && document.activeElement === this.input);
    this.#choose(this.owner.isEager ? 0 : -1);
  }

  /**
   * @param {Offer} offer
   * @param {number} at
   */
  #option({ label, about }, at) {
    const option = document.createElement("li");
    option.role = "option";
    option.id = `${this.list.id}-${at}`;
    option.dir = "auto";
    option.textContent = label;
    if (about) {
      const value = document.createElement("bdi"); // signs are not turned round
      value.textContent = about;
      option.append(" (", value, ")");
    }
    return option;
  }

  /** @param {boolean} isOpen */
  #open(isOpen) {
    this.list.hidden = !isOpen;
    this.input.ariaExpanded = `${isOpen}`;
  }

  /** @param {number} at - -1 for none. */
  #choose(at) {
    this.at = Math.min(at, this.offers.length - 1);
    const options = [...this.list.children];
    options.forEach((option, place) => (option.ariaSelected = `${place === this.at}`));
    const chosen = options[this.at];
    if (chosen) this.input.setAttribute("aria-activedescendant", chosen.id);
    else this.input.removeAttribute("aria-activedescendant");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { key, altKey, ctrlKey, metaKey, isComposing } = event;
    const way = { ArrowDown: 1, ArrowUp: -1 }[key];
    if (!way || isComposing || altKey || ctrlKey || metaKey) return;
    event.preventDefault();
    if (this.list.hidden) return this.show();
    const count = this.offers.length;
    const none = way > 0 ? -1 : count;
    const from = this.at < 0 ? none : this.at;
    this.#choose((from + way + count) % count);
  }
}
