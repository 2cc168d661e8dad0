/**
 * Who says so, and which numbers: the claims and figures of the entry that is being written.
 *
 * Loaded when somebody comes to the composer. Each is asked for in a field that offers what the
 * coverage has, and can be changed in a list.
 */

import { Refusal, request } from "./api.js";
import { copyOf } from "./messages.js";
import { figureMember } from "./statement.js";
import { FigurePrompt } from "./figure_prompt.js";
import { SourcePrompt } from "./source_prompt.js";
import { KnownStatements } from "./known_statements.js";
import { lineWriter, readNames } from "./statement_words.js";

/**
 * @typedef {import("./statement.js").Claim} Claim
 * @typedef {import("./statement.js").Figure} Figure
 * @typedef {"claims"|"figures"} Kind
 */

export class Statements {
  /** @type {Record<Kind, (Claim | Figure)[]>} */
  #shown = { claims: [], figures: [] };
  #count = 0; // of the items that were made

  /**
   * @param {import("./composer.js").Composer} composer
   * @param {string} coverage - Its slug.
   */
  constructor(composer, coverage) {
    const { form, fields } = composer;
    this.composer = composer;
    this.fields = fields;
    this.path = `/v1/coverages/${coverage}`;
    this.root = form.querySelector(".statements");
    this.words = composer.words;
    this.lines = lineWriter(readNames());
    this.known = new KnownStatements(this.path, () => this.fields);
    const owner = { ...this, add: this.#add.bind(this), leave: () => this.#leave() };
    this.prompts = { source: new SourcePrompt(owner), figure: new FigurePrompt(owner) };
    for (const kind of /** @type {const} */ (["claims", "figures"])) this.#bind(kind);
    form.addEventListener("filled", () => this.#fill());
    this.#fill();
  }

  /**
   * Asks who says so, or for a number.
   *
   * @param {"source"|"figure"} prompt
   * @param {HTMLElement} back - Gets the focus afterwards.
   */
  open(prompt, back) {
    this.back = back;
    this.known.read().then(() => this.prompts[prompt].refresh());
    this.prompts[prompt].open();
  }

  #leave() {
    for (const prompt of this.root.querySelectorAll(".prompt")) prompt.hidden = true;
    (this.back?.checkVisibility() ? this.back : this.composer.body).focus();
  }

  /**
   * @param {Kind} kind
   * @param {Claim | Figure} statement
   */
  #add(kind, statement) {
    this.known.remember(statement);
    this.#change(kind, [...this.fields[kind], statement]);
    this.root.querySelector(`.${kind}`).append(this.#item(kind, statement));
    this.composer.tell(this.words("added", { line: this.#line(kind, statement) }));
    if (kind === "figures") this.#check(this.fields.figures.length - 1);
  }

  /**
   * @param {Kind} kind
   * @param {(Claim | Figure)[]} statements
   */
  #change(kind, statements) {
    Object.assign(this.fields, { [kind]: statements });
    this.#shown[kind] = statements;
    this.root.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** Shows what the fields have, unless it is shown already: somebody may be typing there. */
  #fill() {
    for (const kind of /** @type {const} */ (["claims", "figures"])) {
      const statements = this.fields[kind];
      if (statements === this.#shown[kind]) continue;
      this.#shown[kind] = statements;
      const items = statements.map((each) => this.#item(kind, each));
      this.root.querySelector(`.${kind}`).replaceChildren(...items);
    }
    this.fields.figures.forEach(({ known }, at) => known || this.#check(at));
  }

  /**
   * @param {Kind} kind
   * @param {Claim | Figure} statement
   */
  #item(kind, statement) {
    const item = copyOf(this.composer.own.root, kind);
    const values = /** @type {Record<string, any>} */ (statement);
    for (const input of fieldsOf(item)) {
      const value = values[input.name.slice(1)];
      // A date field shows the day of a time, which stays as it is until it is changed.
      input.value = input.type === "date" ? value.slice(0, 10) : value;
    }
    item.querySelector(".complaint").id = `write-statement-${(this.#count += 1)}-wrong`;
    this.#name(kind, item, statement);
    return item;
  }

  /**
   * @param {Kind} kind
   * @param {HTMLElement} item
   * @param {Claim | Figure} statement
   */
  #name(kind, item, statement) {
    const line = this.#line(kind, statement);
    item.querySelector("summary").textContent = line;
    item.querySelector("button").setAttribute("aria-label", this.words("remove", { line }));
  }

  /**
   * @param {Kind} kind
   * @param {Claim | Figure} statement
   */
  #line(kind, statement) {
    return kind === "claims"
      ? this.lines.claim(/** @type {Claim} */ (statement))
      : this.lines.figure(/** @type {Figure} */ (statement));
  }

  /** @param {Kind} kind */
  #bind(kind) {
    const list = this.root.querySelector(`.${kind}`);
    const placeOf = (/** @type {EventTarget | null} */ target) => {
      const item = /** @type {Element} */ (target).closest("li");
      return { item, at: item ? [...list.children].indexOf(item) : -1 };
    };
    list.addEventListener("input", ({ target }) => {
      const input = /** @type {HTMLInputElement} */ (target);
      const { item, at } = placeOf(input);
      if (!item) return;
      const statement = { ...this.fields[kind][at], [input.name.slice(1)]: input.value };
      const statements = this.fields[kind].with(at, /** @type {any} */ (statement));
      Object.assign(this.fields, { [kind]: statements });
      this.#shown[kind] = statements;
      this.#name(kind, item, statement);
    });
    list.addEventListener("change", ({ target }) => {
      const { at } = placeOf(target);
      if (kind === "figures" && at >= 0) this.#check(at);
    });
    list.addEventListener("click", ({ target }) => {
      if (/** @type {Element} */ (target).closest("button")) this.#remove(kind, placeOf(target).at);
    });
  }

  /**
   * @param {Kind} kind
   * @param {number} at
   */
  #remove(kind, at) {
    this.#change(kind, this.fields[kind].toSpliced(at, 1));
    const { children } = this.root.querySelector(`.${kind}`);
    children[at].remove();
    const next = children[Math.min(at, children.length - 1)]?.querySelector("button");
    (next ?? this.composer.body).focus();
  }

  /**
   * Asks the server whether it understands a number. What is typed meanwhile stays where it is; a
   * server that cannot be reached says it when the entry is sent.
   *
   * @param {number} at
   */
  async #check(at) {
    const figure = this.fields.figures[at];
    const { language } = this.fields.values;
    const json = { figures: [figureMember(figure)], ...(language && { language }) };
    let problem;
    try {
      await request("POST", `${this.path}/preview`, { json });
    } catch (error) {
      if (!(error instanceof Refusal)) return;
      problem = error;
    }
    if (this.fields.figures[at] === figure) this.#complain(at, problem);
  }

  /**
   * @param {number} at
   * @param {Refusal} [refusal] - undefined where there is none.
   */
  #complain(at, refusal) {
    const item = this.root.querySelector(".figures").children[at];
    if (!item) return;
    const [{ pointer = "" } = {}] = refusal?.problem.errors ?? [];
    const [, name] = /^\/figures\/0\/(\w+)/.exec(pointer) ?? [];
    const sentence = name === "value" ? this.words("value-unknown") : (refusal?.message ?? "");
    const complaint = item.querySelector(".complaint");
    complaint.textContent = sentence;
    for (const input of fieldsOf(item)) {
      const isWrong = Boolean(refusal) && input.name.slice(1) === (name ?? "value");
      input.toggleAttribute("aria-invalid", isWrong);
      if (isWrong) input.ariaInvalid = "true";
      if (isWrong) input.setAttribute("aria-describedby", complaint.id);
    }
    if (!refusal) return;
    item.querySelector("details").open = true;
    this.composer.tell(sentence);
  }
}

/**
 * The fields of an item of the lists, each named after a member with a `_` before it.
 *
 * @param {Element} item
 * @returns {NodeListOf<HTMLInputElement>}
 */
function fieldsOf(item) {
  return item.querySelectorAll("[name^=_]");
}
