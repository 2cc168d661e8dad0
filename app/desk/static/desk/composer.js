/**
 * Where an entry is written: a new one, a draft, or a change of what is public.
 *
 * What is typed is kept at once (`autosave.js`). What is sent becomes a letter (`outbox.js`), kept
 * before the text is given up; nothing typed is thrown away unasked.
 */

import { Autosave } from "./autosave.js";
import { now } from "../clock.js";
import { newId, write } from "./local_store.js";
import { changesOf, differences, Fields, grow, isEmpty, showMode, valuesOf } from "./fields.js";
import { findObstacle, stepsOf, traceOf, wordOf } from "./letters.js";
import { clock, due } from "./zoned_time.js";
import { listen } from "./listen.js";
import { MediaField } from "./media_field.js";
import { OutboxList } from "./outbox.js";
import { readWords } from "./messages.js";

/**
 * @typedef {import("./api.js").NewsroomEntry} NewsroomEntry
 * @typedef {import("./autosave.js").Text} Text
 * @typedef {import("./autosave.js").Mode} Mode
 * @typedef {import("./fields.js").Values} Values
 * @typedef {import("./letters.js").Letter} Letter
 * @typedef {import("./letters.js").Purpose} Purpose
 *
 * Somebody else was faster. Until one of the functions is called everything stays where it is.
 * @typedef {object} Conflict
 * @property {import("./diff.js").Own} mine - As they would become.
 * @property {NewsroomEntry} current - The entry as it is now.
 * @property {(changed: Partial<Values>) => Promise<void>} keep - Goes on from there with one's own
 *   fields and these.
 * @property {(changed: Partial<Values>) => Promise<void>} send - Sends that too.
 * @property {() => Promise<void>} drop - Gives one's own up.
 *
 * @typedef {object} Options
 * @property {string} coverage - Its slug.
 * @property {string} role - How far who writes may go there.
 * @property {import("./outbox.js").Outbox} outbox
 * @property {(entry: NewsroomEntry) => void} onSaved - Gets each entry that the server has taken.
 * @property {(text: Text) => Promise<boolean>} review - Gets a correction before it is sent; promises
 *   whether it is.
 * @property {import("./media_field.js").Follow} follow
 * @property {(place: HTMLElement, owner: import("./preview.js").Owner) => import("./preview.js").Preview}
 *   preview
 * @property {(place: HTMLElement, owner: import("./recovery_offers.js").OffersOwner) =>
 *   {show: () => unknown}} offers
 */

/**
 * Says on its form, in events that bubble: `saved` and `sent` (detail: the entry), `opened` (the id
 * of what is written now, or null), and `conflict` (`Conflict`).
 */
export class Composer {
  /** @type {Record<string, () => void>} */
  aids = {}; // what keys do besides
  /** @type {Set<string>} */
  asked = new Set(); // what was said of which text
  /** @type {Set<string>} */
  posted = new Set(); // the letters of this page
  /** @type {string | null} */
  promised = null; // the entry that the message says is to go out

  /**
   * @param {HTMLFormElement} form
   * @param {Options} options
   */
  constructor(form, options) {
    const { caller = "", zone = "UTC" } = form.dataset;
    const root = /** @type {HTMLElement} */ (form.closest(".composing"));
    const words = readWords(root);
    const own = { ...options, caller, zone, root, words };
    this.form = form;
    this.own = own;
    this.words = words;
    this.body = fieldOf(form, "body");
    const tell = (/** @type {string} */ sentence) => this.tell(sentence);
    const onChange = () => this.#change();
    this.media = new MediaField(form.querySelector(".pictures"), { ...own, tell, onChange });
    this.fields = new Fields(form, root, this.media, words);
    this.autosave = new Autosave({ ...own, blank: this.fields.blank });
    const button = form.querySelector("[data-action=preview]");
    const read = () => this.#told();
    this.preview = own.preview(root.querySelector(".preview"), { ...own, button, read });
    const onEdit = (/** @type {Letter} */ letter) => this.#reopen(letter);
    new OutboxList(root.querySelector(".outbox"), { ...own, onEdit });
    const onTake = (/** @type {Text} */ text) => this.#setAside(text);
    this.offers = own.offers(root.querySelector(".offers"), { ...own, onTake });
    // What was typed before the scripts came.
    const typed = { headline: fieldOf(form, "headline").value, body: this.body.value };
    this.#fill(this.autosave.text);
    this.#listen();
    form.removeAttribute("aria-busy");
    if (!typed.headline && !typed.body) return;
    this.#put(typed);
  }

  /** Whether the text is written in HTML. */
  get isHtml() {
    return fieldOf(this.form, "format").value === "html";
  }

  /** Whether something stands there that the server does not have. */
  get isDirty() {
    return this.autosave.isDirty;
  }

  /** The id of the entry that is being written, null for one that the server does not know yet. */
  get entryId() {
    return this.autosave.text.entry?.id ?? null;
  }

  /**
   * Opens an entry; what was being written is kept, and offered.
   *
   * @param {NewsroomEntry | null} entry
   * @param {Mode} mode
   */
  async edit(entry, mode = "draft") {
    if (!entry || mode === "new") return this.clear();
    this.tell("");
    if (entry.id === this.entryId && this.autosave.text.mode === mode) return this.body.focus();
    await this.#setAside(this.#textOf(entry, mode));
    this.body.focus();
  }

  /** Begins a new entry; what was being written is kept, and offered. */
  async clear() {
    this.tell("");
    await this.#setAside({});
  }

  /**
   * Says a sentence to who writes, by eye and ear.
   *
   * @param {string} sentence
   */
  tell(sentence) {
    this.promised = null;
    this.form.querySelector(".message").textContent = sentence;
  }

  /**
   * What the message says of an entry has come about, or will not.
   *
   * @param {string} id
   * @param {boolean} isOut
   */
  settle(id, isOut) {
    if (id === this.promised) this.tell(isOut ? this.words("sent-publish") : "");
  }

  /**
   * Sends what stands there.
   *
   * @param {Purpose} purpose
   */
  async send(purpose) {
    this.autosave.change(this.fields.values);
    if (this.#isObstructed(purpose)) return;
    if (purpose === "correct" && !(await this.own.review(this.autosave.text))) return;
    // First the fields: what is typed from now on is of the next entry.
    const released = this.autosave.release();
    this.#fill(this.autosave.text);
    this.tell("");
    const { text, unlock } = await released;
    const steps = stepsOf(text, purpose, this.fields.blank);
    const { coverage, mode, values, saved, entry } = text;
    const about = { coverage, mode, purpose, values, saved, entry };
    const letter = { id: newId(), at: now(), steps, ...about };
    this.posted.add(letter.id);
    await this.own.outbox.post(letter, text.id);
    unlock();
  }

  /**
   * Does what a button or a key says.
   *
   * @param {string} action
   */
  do(action) {
    /** @type {Record<string, () => unknown>} */
    const actions = {
      save: () => this.save(),
      clear: () => this.clear(),
      preview: () => this.preview.toggle(),
      help: () => document.querySelector("[data-act=keys]").click(),
      first: () => this.form.querySelector("[data-first]:not([hidden])").click(),
      ...this.aids,
    };
    return actions[action] ? actions[action]() : this.send(/** @type {Purpose} */ (action));
  }

  /** Saves on the server what stands there, now. */
  async save() {
    this.autosave.change(this.fields.values);
    const { mode, values } = this.autosave.text;
    if (isEmpty(values)) return this.tell(this.words("nothing"));
    if (mode === "new" || mode === "draft") await this.autosave.save();
    else await this.autosave.keep();
    this.tell(this.form.querySelector(".saved").textContent);
  }

  /** @param {Partial<Values>} changed */
  #put(changed) {
    this.fields.values = { ...this.fields.values, ...changed };
    this.#change();
  }

  #change() {
    this.autosave.change(this.fields.values);
    this.preview.change();
  }

  /** @param {Purpose} purpose */
  #isObstructed(purpose) {
    const { autosave, form, media } = this;
    const { text } = autosave;
    const told = { isBusy: media.underWay > 0, isUnsaid: !!media.unsaid };
    const isAsked = (/** @type {string} */ about) => this.asked.has(about + text.id);
    const [word, name, place] = findObstacle(text, purpose, told, isAsked) ?? [];
    if (!word) return false;
    this.asked.add(word + text.id);
    const field = word === "alt-missing" ? media.unsaid : name && fieldOf(form, name);
    if (field) {
      field.closest("details")?.setAttribute("open", "");
      field.focus();
      if (name && place) fieldOf(form, name).setSelectionRange(place.start, place.end);
    }
    this.tell(this.words(word, { num: media.underWay }));
    return true;
  }

  /**
   * @param {NewsroomEntry} entry
   * @param {Mode} mode
   */
  #textOf(entry, mode) {
    const values = valuesOf(entry);
    return { mode, entry: traceOf(entry), saved: values, values };
  }

  /**
   * Puts a text into the place of the one that is there, which is kept if it says anything, and
   * changes it. What the fields cannot show as it is has then been read back, and is no change.
   *
   * @param {Partial<Text>} next
   * @param {Text | Letter} [givenUp] - Is not kept.
   * @param {Partial<Values>} [changed]
   */
  async #setAside(next, givenUp, changed) {
    const { text: last } = this.autosave;
    const isDone = !this.isDirty || isEmpty(last.values) || last === givenUp;
    const released = this.autosave.release(next);
    this.#fill(this.autosave.text);
    if (changed) this.#put(changed);
    const { text, unlock } = await released;
    if (isDone) await write(["texts", "delete", text.id]);
    else this.tell(this.words("set-aside"));
    await unlock();
    await this.offers.show();
  }

  /** @param {Text} text */
  #fill(text) {
    const at = document.activeElement;
    this.fields.values = text.values;
    // As the fields tell them: an entry's language may be none of the coverage's, say.
    if (text.saved === text.values) text.saved = this.fields.values;
    text.values = this.fields.values;
    showMode(this.form, text, this.words);
    this.form.querySelector(".saved").textContent = "";
    grow(this.body);
    this.preview.clear();
    // A picture may have gone with the field that had the focus.
    if (!at?.isConnected) this.body.focus();
    this.#say("opened", this.entryId);
  }

  /** What the preview is made of; null for nothing. */
  #told() {
    const { values } = this.autosave.text;
    const nothing = { ...this.fields.blank, bylines: [], language: "" };
    return isEmpty(values) ? null : changesOf(nothing, values);
  }

  /**
   * A letter that came back is a text again.
   *
   * @param {Letter} letter
   */
  async #reopen(letter) {
    const withdraw = () => this.own.outbox.withdraw(letter);
    const { current } = letter.problem ?? {};
    if (current) return this.#dispute(letter, current, withdraw);
    const found = await withdraw();
    if (!found) return;
    const { entry, values, saved } = found;
    const changed = found.mode === "correct" ? "correct" : "amend";
    const mode = entry?.status === "published" ? changed : entry ? "draft" : "new";
    await this.#setAside({ mode, entry, values, saved });
    this.autosave.change(values);
    this.tell(found.sentence ?? "");
    this.body.focus();
  }

  /**
   * Somebody else was faster: goes on as it is decided.
   *
   * @param {Text | Letter} own - What came too late.
   * @param {NewsroomEntry} current - The entry as it is now.
   * @param {() => unknown} [withdraw] - Takes one's own from where it is kept.
   */
  #dispute(own, current, withdraw = () => {}) {
    const changes = differences(own.saved ?? {}, own.values);
    const isPublic = current.status === "published";
    const mode = isPublic && own.mode !== "correct" ? "amend" : own.mode;
    const goOn = async (/** @type {Partial<Values> | undefined} */ changed = undefined) => {
      await this.#setAside(this.#textOf(current, mode), own, changed);
      await withdraw();
    };
    const keep = (/** @type {Partial<Values>} */ changed) => goOn({ ...changes, ...changed });
    // What was not touched here is theirs.
    const mine = { ...valuesOf(current), ...changes };
    const send = async (/** @type {Partial<Values>} */ changed) => {
      await keep(changed);
      if ("purpose" in own) await this.send(own.purpose);
    };
    this.#say("conflict", { mine, current, keep, send, drop: () => goOn() });
  }

  /**
   * @param {string} type
   * @param {NewsroomEntry} entry
   */
  #taken(type, entry) {
    this.#say(type, entry);
    this.own.onSaved(entry);
  }

  /** @param {import("./autosave.js").State} state */
  #showState({ state, at, sentence }) {
    const place = this.form.querySelector(".saved");
    place.textContent = this.words(state, { time: clock(at, this.own.zone), sentence });
    place.dataset.state = state;
    this.form.querySelector(".sign-in").hidden = state !== "signed-out";
  }

  /**
   * @param {string} type
   * @param {unknown} detail
   */
  #say(type, detail) {
    this.form.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }

  #listen() {
    const { form, autosave, own } = this;
    form.addEventListener("input", () => {
      if (!this.promised && this.isDirty) this.tell("");
      grow(this.body);
      this.#change();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("click", ({ target }) => {
      const { action } = /** @type {Element} */ (target).closest("button")?.dataset ?? {};
      if (action) this.do(action);
    });
    listen(autosave, "state", (state) => this.#showState(state));
    listen(autosave, "told", ({ path, json }) => this.media.know(path.split("/").at(-1), json));
    listen(autosave, "saved", (entry) => {
      this.#say("opened", this.entryId);
      this.#taken("saved", entry);
    });
    listen(autosave, "conflict", ({ problem }) => this.#dispute(autosave.text, problem.current));
    listen(own.outbox, "sent", ({ entry, letter }) => {
      this.#taken("sent", entry);
      const time = entry.embargo_until && due(entry.embargo_until, own.zone);
      if (!this.posted.delete(letter.id)) return;
      this.tell(this.words(wordOf(letter, entry), { time }));
      if (time) this.promised = entry.id;
    });
    listen(own.outbox, "refused", ({ letter }) => {
      this.tell(this.words("refused", letter));
      const { current, errors } = letter.problem ?? {};
      // What is wrong about a number is said at its field, which has to be there.
      const isFigure = errors?.[0]?.pointer.startsWith("/figures") && !this.isDirty;
      if (current || isFigure) this.#reopen(letter);
    });
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 */
function fieldOf(form, name) {
  return /** @type {HTMLTextAreaElement} */ (form.elements.namedItem(name));
}
