/**
 * A number: of a running series, by a few letters, Enter, the value, Enter; or of a new one.
 */

import { Combobox } from "./combobox.js";
import { matching } from "./offers.js";
import { sourceOffers, withTyped } from "./source_prompt.js";

const NEW = null; // the offer of a new series
/** @typedef {import("./known_statements.js").Series} Series */

export class FigurePrompt {
  /** @type {Series | null} */
  #series = null;

  /** @param {import("./source_prompt.js").Owner & {fields: unknown}} owner */
  constructor(owner) {
    this.owner = owner;
    const find = (/** @type {string} */ name) => owner.root.querySelector(`[data-prompt=${name}]`);
    this.places = { series: find("series"), value: find("value"), figure: find("figure") };
    this.search = this.places.series.querySelector("input");
    this.value = this.places.value.querySelector("input");
    /** @type {HTMLInputElement[]} */
    this.inputs = [...this.places.figure.querySelectorAll("input")];
    const [metric, group, , source] = this.inputs;
    const offers = (/** @type {string} */ typed) => this.#offers(typed);
    const onPick = (/** @type {{value: Series | null}} */ { value }) => this.#choose(value);
    this.box = new Combobox(this.search, { offers, onPick, isEager: true });
    this.boxes = new Map([
      [metric, this.#box(metric, this.#metrics.bind(this))],
      [group, this.#box(group, (typed) => this.#groups(typed), false)],
      [source, this.#box(source, sourceOffers(owner))],
    ]);
    for (const place of Object.values(this.places)) {
      place.addEventListener("keydown", (event) => this.#press(event));
    }
  }

  /** Asks for the series; asked again, for a new one. */
  open() {
    const { series, value, figure } = this.places;
    if (!figure.hidden) return this.inputs[0].focus();
    if (!series.hidden && document.activeElement === this.search && this.isOpen) {
      return this.#choose(NEW);
    }
    this.isOpen = true;
    value.hidden = true;
    series.hidden = false;
    this.search.focus();
    this.refresh();
  }

  /** There is more to offer. */
  refresh() {
    if (document.activeElement === this.search) this.box.show();
  }

  /**
   * @param {HTMLInputElement} input
   * @param {(typed: string) => import("./offers.js").Offer<string>[]} offers
   * @param {boolean} [isEager]
   */
  #box(input, offers, isEager = true) {
    const onPick = (/** @type {{value: string}} */ offer) => {
      input.value = offer.value;
      this.#next(input);
    };
    return new Combobox(input, { offers, onPick, isEager });
  }

  /**
   * @param {string} typed
   * @returns {import("./offers.js").Offer<Series | null>[]}
   */
  #offers(typed) {
    const { known, lines, words } = this.owner;
    const offers = known.series.map((series) => {
      return { label: lines.series(series), about: series.value, value: series };
    });
    return [...matching(typed, offers), { label: words("new-figure"), value: NEW }];
  }

  /** @param {string} typed */
  #metrics(typed) {
    const { known, lines, words } = this.owner;
    const names = [...known.names("metric"), ...Object.keys(lines.metrics)];
    const offers = [...new Set(names)].map((name) => {
      const label = lines.metricName(name);
      return { label, value: label };
    });
    return withTyped(typed, matching(typed, offers), words);
  }

  /** @param {string} typed */
  #groups(typed) {
    const offers = this.owner.known.names("group").map((name) => ({ label: name, value: name }));
    return matching(typed, offers);
  }

  /** @param {Series | null} series */
  #choose(series) {
    const { places } = this;
    const typed = this.search.value.trim();
    this.#series = series;
    this.search.value = "";
    this.isOpen = false;
    if (series) {
      const { lines, words } = this.owner;
      const { value } = series;
      places.value.querySelector(".series").textContent = lines.series(series);
      places.value.querySelector(".before").textContent = words("before", { value });
      this.value.value = "";
      places.value.hidden = false;
      this.value.focus();
    } else {
      for (const input of this.inputs) input.value = "";
      const [metric, group] = this.inputs;
      metric.value = typed && this.#metrics(typed)[0].value;
      places.figure.hidden = false;
      (typed ? group : metric).focus();
    }
    places.series.hidden = true;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.#leave();
    }
    if (event.key !== "Enter") return;
    const input = /** @type {HTMLInputElement} */ (event.target);
    const isSent = event.ctrlKey || event.metaKey;
    const isDone = this.#enter(input, isSent);
    // With Control it goes on: what is asked for is then sent.
    if (!isSent || !isDone) event.preventDefault();
  }

  /**
   * Whether the figure is complete, and in the entry.
   *
   * @param {HTMLInputElement} input
   * @param {boolean} isSent
   */
  #enter(input, isSent) {
    if (input === this.search) {
      const choose = () => this.#choose(this.box.chosen?.value ?? NEW);
      const { known } = this.owner;
      if (known.isKnown) choose();
      else {
        // What Enter was meant for is not known yet.
        known.first.then(() => {
          this.refresh();
          if (document.activeElement === this.search) choose();
        });
      }
      return false;
    }
    if (input === this.value) return this.#add({ ...this.#series, value: this.value.value });
    const offer = this.boxes.get(input)?.chosen;
    if (offer) input.value = offer.value;
    return this.#next(input, isSent);
  }

  /**
   * Goes on to the next field; behind the source the figure is complete.
   *
   * @param {HTMLInputElement} input
   * @param {boolean} [isSent]
   */
  #next(input, isSent = false) {
    const at = this.inputs.indexOf(input);
    if (at < 3 && !isSent) {
      this.inputs[at + 1].focus();
      return false;
    }
    const [metric, group, value, source, as_of] = this.inputs.map((each) => each.value.trim());
    return this.#add({ metric: this.#metricOf(metric), group, value, source, as_of });
  }

  /**
   * The API's name of a metric that is typed in the desk's language.
   *
   * @param {string} typed
   */
  #metricOf(typed) {
    const { metrics } = this.owner.lines;
    const lower = typed.toLowerCase();
    return Object.keys(metrics).find((name) => metrics[name].toLowerCase() === lower) ?? typed;
  }

  /** @param {Partial<import("./statement.js").Figure>} figure */
  #add(figure) {
    const missing = [
      [figure.metric, this.inputs[0]],
      [figure.value?.trim(), this.#series ? this.value : this.inputs[2]],
      [figure.source, this.inputs[3]],
    ].find(([value]) => !value);
    if (missing) {
      /** @type {HTMLInputElement} */ (missing[1]).focus();
      return false;
    }
    const { metric, group, value = "", source, url = "", as_of = "" } = figure;
    const told = { metric, group, value: value.trim(), source, url, as_of };
    this.owner.add("figures", { ...told, status: "reported", note: "" });
    this.#leave();
    return true;
  }

  #leave() {
    this.isOpen = false;
    this.search.value = "";
    this.owner.leave();
  }
}
