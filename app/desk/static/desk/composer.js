/**
 * Where an entry is written: a new one, a draft, or a change of what is public.
 *
 * What is typed is kept at once (`autosave.js`). What is sent becomes a letter (`outbox.js`), kept
 * before the text is given up; nothing typed is thrown away unasked.
 */

import { Autosave } from "./autosave.js";
import { now } from "../times.js";
import { newId, write } from "./drawer.js";
import { Fields, changesOf, differences, isEmpty, valuesOf } from "./fields.js";
import { grow } from "./grow.js";
import { stepsOf, traceOf, wordOf } from "./letters.js";
import { showMode } from "./mode.js";
import { clock, due } from "./moments.js";
import { obstacleOf } from "./obstacles.js";
import { Offers } from "./offers.js";
import { Pictures } from "./pictures.js";
import { Preview } from "./preview.js";
import { suggestTags } from "./tags.js";
import { Tray } from "./tray.js";
import { readWords } from "./words.js";

/**
 * Says on its form, in events that bubble: `saved` and `sent` (detail: the entry), `opened` (the id
 * of what is written now, or null), and `conflict` when somebody else was faster. That one's detail
 * has `mine` ({headline, body, format}, as they would become), `current` (the entry as it is now),
 * `mode`, `keep(changed)`, which goes on from there with one's own fields and these,
 * `send(changed)`, which sends that too, and `drop()`, which gives one's own up. Until one of them
 * is called everything stays where it is.
 */
export class Composer {
  /**
   * @param {HTMLFormElement} form
   * @param {object} options
   * @param {string} options.coverage - Its slug.
   * @param {string} options.role - How far who writes may go there.
   * @param {Outbox} options.outbox
   * @param {Function} [options.onSaved] - Given each entry that the server has taken.
   * @param {Function} [options.review] - Given a correction's `saved` and `values` before it is
   *   sent; promises whether it is.
   * @param {Function} options.follow - Given the bar, the request and the key of a file that the
   *   server has, and has not answered.
   */
  constructor(form, { coverage, role, outbox, follow, onSaved = () => {}, review = () => true }) {
    const { caller, zone } = form.dataset;
    const root = form.closest(".composing");
    const words = readWords(root);
    const own = { coverage, caller, zone, root, words, outbox, role, follow, onSaved, review };
    Object.assign(this, own, { form, aids: {}, asked: null, posted: new Set() });
    this.body = form.elements.body;
    const tell = (sentence) => this.tell(sentence);
    const onChange = () => this.#change();
    const field = form.querySelector(".pictures");
    this.pictures = new Pictures(field, { ...own, tell, onChange });
    this.fields = new Fields(form, root, this.pictures, words);
    this.autosave = new Autosave({ ...own, blank: this.fields.blank });
    const button = form.querySelector("[data-deed=preview]");
    const read = () => this.#told();
    this.preview = new Preview(root.querySelector(".preview"), { ...own, button, read });
    const onEdit = (letter) => this.#reopen(letter);
    this.tray = new Tray(root.querySelector(".outbox"), { ...own, onEdit });
    const onTake = (text) => this.#setAside(text);
    this.offers = new Offers(root.querySelector(".offers"), { ...own, onTake });
    suggestTags(form.querySelector(".tagged"), coverage);
    // What was typed before the scripts came.
    const typed = { headline: form.elements.headline.value, body: this.body.value };
    this.#fill(this.autosave.text);
    this.#listen();
    form.removeAttribute("aria-busy");
    if (!typed.headline && !typed.body) return;
    this.#put(typed);
  }

  /** Whether the text is written in HTML. */
  get isHtml() {
    return this.form.elements.format.value === "html";
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
   * @param {object|null} entry - As the newsroom sees it.
   * @param {"new"|"draft"|"amend"|"correct"} mode
   */
  async edit(entry, mode = "draft") {
    if (!entry || mode === "new") return this.clear();
    if (entry.id === this.entryId && this.autosave.text.mode === mode) return this.body.focus();
    await this.#setAside(this.#textOf(entry, mode));
    this.body.focus();
  }

  /** Begins a new entry; what was being written is kept, and offered. */
  async clear() {
    await this.#setAside({});
    this.tell("");
  }

  /** Says a sentence to who writes, by eye and ear. */
  tell(sentence) {
    this.form.querySelector(".told").textContent = sentence;
  }

  /**
   * Sends what stands there.
   *
   * @param {"publish"|"schedule"|"submit"|"amend"|"correct"} purpose
   */
  async send(purpose) {
    this.autosave.change(this.fields.values);
    if (this.#isObstructed(purpose)) return;
    if (purpose === "correct" && !(await this.review(this.autosave.text))) return;
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
    await this.outbox.post(letter, text.id);
    unlock();
  }

  /** Does what a button or a key says. */
  do(deed) {
    const deeds = {
      save: () => this.save(),
      clear: () => this.clear(),
      preview: () => this.preview.toggle(),
      help: () => document.querySelector("[data-act=keys]")?.click(),
      first: () => this.form.querySelector("[data-first]:not([hidden])").click(),
      ...this.aids,
    };
    return deeds[deed] ? deeds[deed]() : this.send(deed);
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

  #put(changed) {
    this.fields.values = { ...this.fields.values, ...changed };
    this.#change();
  }

  #change() {
    this.autosave.change(this.fields.values);
    this.preview.change();
  }

  #isObstructed(purpose) {
    const { autosave, form, pictures } = this;
    const unsaid = this.asked === autosave.text.id ? null : pictures.unsaid;
    const own = { elements: form.elements, isBusy: pictures.isBusy, unsaid };
    const [word, field] = obstacleOf(autosave.text, purpose, own) ?? [];
    if (!word) return false;
    // Asked once: when it is urgent, the same keys again send it without.
    if (word === "alt-missing") this.asked = autosave.text.id;
    field?.closest("details")?.setAttribute("open", "");
    field?.focus();
    this.tell(this.words(word));
    return true;
  }

  #textOf(entry, mode) {
    const values = valuesOf(entry);
    return { mode, entry: traceOf(entry), saved: values, values };
  }

  /**
   * Puts a text into the place of the one that is there, which is kept if it says anything, and
   * changes it. What the fields cannot show as it is has then been read back, and is no change.
   */
  async #setAside(next, givenUp, changed) {
    const { text: last } = this.autosave;
    const isDone = !this.isDirty || isEmpty(last.values) || last === givenUp;
    const released = this.autosave.release(next);
    this.#fill(this.autosave.text);
    if (changed) this.#put(changed);
    const { text, unlock } = await released;
    if (isDone) await write(["texts", "delete", text.id]);
    unlock();
    await this.offers.show();
  }

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
    if (!at.isConnected) this.body.focus();
    this.#say("opened", this.entryId);
  }

  /** What the preview is made of; null for nothing. */
  #told() {
    const { values } = this.autosave.text;
    const nothing = { ...this.fields.blank, bylines: [], language: "" };
    return isEmpty(values) ? null : changesOf(nothing, values);
  }

  /** A letter that came back is a text again. */
  async #reopen(letter) {
    const withdraw = () => this.outbox.withdraw(letter);
    if (letter.problem?.status === 412) return this.#dispute(letter, letter.problem, withdraw);
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
   * @param {object} own - The text or letter that came too late.
   * @param {object} problem - The server's, with the entry as it is now.
   * @param {Function} [withdraw] - Takes one's own from where it is kept.
   */
  #dispute(own, { current }, withdraw = () => {}) {
    const changes = differences(own.saved ?? {}, own.values);
    const isPublic = current.status === "published";
    const mode = isPublic && own.mode !== "correct" ? "amend" : own.mode;
    const goOn = async (changed) => {
      await this.#setAside(this.#textOf(current, mode), own, changed);
      await withdraw();
    };
    const keep = (changed) => goOn({ ...changes, ...changed });
    // What was not touched here is theirs.
    const { headline, body, format } = { ...valuesOf(current), ...changes };
    const mine = { headline, body, format };
    const send = async (changed) => {
      await keep(changed);
      if (own.purpose) await this.send(own.purpose);
    };
    this.#say("conflict", { mine, current, mode, keep, send, drop: () => goOn() });
  }

  #taken(type, entry) {
    this.#say(type, entry);
    this.onSaved(entry);
  }

  #showState({ state, at, sentence }) {
    const place = this.form.querySelector(".saved");
    place.textContent = this.words(state, { time: clock(at, this.zone), sentence });
    place.dataset.state = state;
    this.form.querySelector(".sign-in").hidden = state !== "signed-out";
  }

  #say(type, detail) {
    this.form.dispatchEvent(new CustomEvent(type, { bubbles: true, detail }));
  }

  #listen() {
    const { form, autosave, outbox, preview } = this;
    form.addEventListener("input", () => {
      grow(this.body);
      this.#change();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("click", ({ target }) => {
      const deed = target.closest("button[data-deed]")?.dataset.deed;
      if (deed) this.do(deed);
    });
    autosave.addEventListener("state", ({ detail }) => this.#showState(detail));
    autosave.addEventListener("told", ({ detail: { path, json } }) => {
      this.pictures.know(path.split("/").at(-1), json);
    });
    autosave.addEventListener("saved", ({ detail }) => {
      this.#say("opened", this.entryId);
      this.#taken("saved", detail);
    });
    autosave.addEventListener("conflict", ({ detail }) => {
      this.#dispute(autosave.text, detail.problem);
    });
    outbox.addEventListener("sent", ({ detail: { entry, letter } }) => {
      this.#taken("sent", entry);
      const time = entry.embargo_until && due(entry.embargo_until, this.zone);
      if (this.posted.delete(letter.id)) this.tell(this.words(wordOf(letter, entry), { time }));
    });
    outbox.addEventListener("refused", ({ detail: { letter } }) => {
      this.tell(this.words("refused", letter));
      if (letter.problem?.status === 412) this.#reopen(letter);
    });
  }
}
