/**
 * The pictures and videos of an entry: sent as soon as they are dropped, pasted or chosen.
 *
 * By XMLHttpRequest, since fetch does not tell how far it is. The file stays in this browser until
 * the server has it: what the network broke off goes on when it is back, after a crash too. A video
 * may be converted before the answer comes: `follow` shows how far it is.
 *
 * @typedef {{alt: string, caption: string, credit: string, graphic: boolean}} MediaWords
 *
 * A picture or video on the server.
 * @typedef {{id: string, kind: string, url: string, renditions: {url: string, width: number}[]}
 *   & MediaWords} Media
 *
 * One that is in the fields: `id` is the server's, null until it has it; `local` the file's in this
 * browser; `known` the words that the server has.
 * @typedef {{id: string | null, local?: string, kind: string, url?: string,
 *   renditions?: Media["renditions"], known?: MediaWords} & MediaWords} MediaItem
 *
 * One that is shown.
 * @typedef {MediaItem & {place: HTMLElement, file?: File | null, request?: XMLHttpRequest | null,
 *   isBroken?: boolean}} Item
 *
 * Gets the bar, the request and the key of a file that the server has, and has not answered.
 * @typedef {(bar: HTMLProgressElement, request: XMLHttpRequest, key: string) => void} Follow
 *
 * @typedef {object} Owner
 * @property {HTMLElement} root - Where the template is.
 * @property {import("./messages.js").Words} words
 * @property {(sentence: string) => void} tell
 * @property {Follow} follow
 * @property {() => void} onChange
 */

import { failure, statusOf } from "./api.js";
import { newId, read, write } from "./local_store.js";
import { wordsOf } from "./fields.js";
import { isPassing } from "./letters.js";
import { copyOf } from "./messages.js";

// By the type, or by the name where the system does not know the type.
const TAKEN = /^(image|video)|\.(hei[cf]|m[ko]v)$/i;
const RETRY = 10_000; // ms
/** @type {("alt" | "caption" | "credit")[]} */
const WORDS = ["alt", "caption", "credit"];

export class MediaField {
  /**
   * @param {HTMLElement} field - With a list, a button and the input for files.
   * @param {Owner} owner
   */
  constructor(field, owner) {
    this.field = field;
    this.owner = owner;
    /** @type {Item[]} */
    this.items = [];
    this.list = field.querySelector("ul");
    /** @type {HTMLInputElement} */
    const input = field.querySelector("[type=file]");
    const take = () => {
      this.add(input.files ?? []);
      input.value = "";
    };
    input.addEventListener("change", take);
    this.list.addEventListener("click", ({ target }) => {
      const button = /** @type {Element} */ (target).closest("button");
      if (button) this.#press(button);
    });
    this.list.addEventListener("input", ({ target }) => {
      const field = /** @type {HTMLInputElement} */ (target);
      const said = field.type === "checkbox" ? field.checked : field.value;
      Object.assign(this.#itemOf(field) ?? {}, { [field.name.slice(1)]: said });
    });
    addEventListener("online", () => {
      for (const item of this.items) if (item.isBroken) this.#send(item);
    });
    this.#watch(/** @type {HTMLFormElement} */ (field.closest("form")));
    queueMicrotask(take); // what was chosen before the scripts came
  }

  /** @returns {MediaItem[]} */
  get value() {
    // deno-lint-ignore no-unused-vars -- what only this page needs
    return this.items.map(({ place, file, request, isBroken, ...kept }) => kept);
  }

  set value(media) {
    const here = new Map(this.items.map((item) => [item.id ?? item.local, item]));
    const next = media.map((each) => {
      return /** @type {Item} */ (Object.assign(here.get(each.id ?? each.local) ?? {}, each));
    });
    for (const item of this.items) if (!next.includes(item)) item.request?.abort();
    this.items = next;
    this.list.replaceChildren(...next.map((item) => item.place ?? this.#place(item)));
    for (const item of next) {
      this.#fill(item);
      if (!item.id && !item.request) this.#resume(item);
    }
  }

  /** How many are still being sent, or could not be. */
  get underWay() {
    return this.items.filter(({ id }) => !id).length;
  }

  /** The field of the first one of which nobody has said what it shows. */
  get unsaid() {
    const item = this.items.find((item) => item.kind !== "embed" && !item.alt.trim());
    return item?.place.querySelector("[name=_alt]");
  }

  /**
   * The server knows these words of one.
   *
   * @param {string | undefined} id
   * @param {MediaWords} words
   */
  know(id, words) {
    const item = this.items.find((each) => each.id === id);
    if (item) item.known = words;
  }

  /**
   * Takes files, and sends them.
   *
   * @param {Iterable<File>} files
   */
  async add(files) {
    const { owner } = this;
    for (const file of files) {
      const type = file.type || file.name;
      if (!TAKEN.test(type)) {
        owner.tell(owner.words("not-a-picture", { name: file.name, type }));
        continue;
      }
      const kind = /^video|v$/i.test(type) ? "video" : "image";
      const local = newId();
      const words = { alt: "", caption: "", credit: "", graphic: false };
      const item = /** @type {Item} */ ({ id: null, local, kind, file, ...words });
      this.items.push(item);
      this.list.append(this.#place(item));
      owner.onChange();
      await write(["files", "put", { id: local, file }]);
      this.#send(item);
    }
  }

  /** @param {Item} item */
  async #resume(item) {
    item.file ??= (await read("files", item.local ?? ""))?.file;
    if (!item.file) return this.#show(item, this.owner.words("file-gone"));
    this.#look(item);
    this.#send(item);
  }

  /** @param {Item} item */
  #send(item) {
    // What is sent has both.
    const { file, local } = /** @type {{file: File, local: string}} */ (item);
    const form = new FormData();
    form.append("file", file, file.name);
    const request = new XMLHttpRequest();
    Object.assign(item, { request, isBroken: false });
    this.#show(item, "");
    const bar = item.place.querySelector("progress");
    request.upload.onprogress = ({ loaded, total }) => {
      bar.value = loaded / total;
    };
    request.upload.onload = () => this.owner.follow(bar, request, local);
    request.onload = () => this.#receive(item, request);
    request.onerror = () => this.#wait(item, "broken-off");
    request.open("POST", "/v1/media");
    request.responseType = "json";
    request.setRequestHeader("Idempotency-Key", local); // an answer may get lost
    request.send(form);
  }

  /**
   * @param {Item} item
   * @param {XMLHttpRequest} request - Has been answered.
   */
  #receive(item, { status, response }) {
    if (!response?.id) {
      const error = failure(status, response);
      if (statusOf(error) === 401) return this.#wait(item, "picture-signed-out");
      if (!isPassing(error)) return this.#show(item, error.message);
      return this.#wait(item, "broken-off");
    }
    const { id, kind, url, renditions } = response;
    const known = wordsOf(response);
    // Not every browser shows the file itself: from here on it is what readers will see.
    Object.assign(item, { id, kind, url, renditions, known, request: null, file: null });
    for (const name of WORDS) item[name] ||= known[name];
    item.graphic ||= known.graphic;
    write(["files", "delete", item.local ?? ""]);
    this.#draw(item);
    this.owner.onChange();
  }

  /**
   * Tries again later, unless somebody does before.
   *
   * @param {Item} item
   * @param {string} word - The name of what is said meanwhile.
   */
  #wait(item, word) {
    item.isBroken = true;
    this.#show(item, this.owner.words(word), true);
    setTimeout(() => item.isBroken && this.items.includes(item) && this.#send(item), RETRY);
  }

  /** @param {Item} item */
  #place(item) {
    item.place = copyOf(this.owner.root, "picture");
    this.#draw(item);
    return item.place;
  }

  /** @param {Item} item */
  #draw(item) {
    this.#fill(item);
    this.#look(item);
    this.#show(item, "");
  }

  /** @param {Item} item */
  #fill(item) {
    for (const name of WORDS) {
      /** @type {HTMLInputElement} */
      const field = item.place.querySelector(`[name=_${name}]`);
      field.value = item[name] ?? "";
    }
    /** @type {HTMLInputElement} */
    const graphic = item.place.querySelector("[name=_graphic]");
    graphic.checked = Boolean(item.graphic);
  }

  /**
   * Shows the thing itself: the smallest that there is, or the file.
   *
   * @param {Item} item
   */
  #look(item) {
    const isVideo = item.kind === "video";
    const smallest = item.renditions?.toSorted((one, other) => one.width - other.width)[0];
    const shown = document.createElement(isVideo ? "video" : "img");
    if (item.file) {
      shown.src = URL.createObjectURL(item.file);
      shown.onload = shown.onloadeddata = () => URL.revokeObjectURL(shown.src);
    } else if (item.url && (smallest || item.kind !== "embed")) {
      // The address of an embed is a page.
      shown.src = (!isVideo && smallest?.url) || item.url;
    }
    Object.assign(shown, isVideo ? { preload: "metadata" } : { alt: "" });
    item.place.querySelector(".thumb").replaceChildren(shown);
  }

  /**
   * @param {Item} item
   * @param {string} sentence
   * @param {boolean} [isRetried] - Somebody may try it again at once.
   */
  #show(item, sentence, isRetried = false) {
    const { place } = item;
    const isOnItsWay = !item.id && !sentence;
    place.querySelector(".sending").hidden = !isOnItsWay;
    place.querySelector("[value=retry]").hidden = !isRetried;
    place.querySelector(".complaint").textContent = sentence;
    const { tell, words } = this.owner;
    const { name } = item.file ?? {};
    if (sentence) tell(name ? words("of-file", { name, sentence }) : sentence);
  }

  /** @param {Element} target - In the item. */
  #itemOf(target) {
    const place = target.closest(".picture-field");
    return this.items.find((item) => item.place === place);
  }

  /** @param {HTMLButtonElement} button */
  #press(button) {
    const item = this.#itemOf(button);
    if (!item) return;
    const at = this.items.indexOf(item);
    if (button.value === "retry") return this.#send(item);
    if (button.value === "remove") return this.#remove(item, at);
    const to = Math.max(0, at + (button.value === "earlier" ? -1 : 1));
    this.items.splice(at, 1);
    this.items.splice(to, 0, item);
    this.list.insertBefore(item.place, this.items[to + 1]?.place ?? null);
    button.focus();
    this.owner.onChange();
  }

  /**
   * @param {Item} item
   * @param {number} at - Its place in the list.
   */
  #remove(item, at) {
    item.request?.abort();
    write(["files", "delete", item.local ?? ""]);
    item.place.remove();
    this.items.splice(at, 1);
    (this.items[at] ?? this.items[at - 1])?.place.querySelector("[value=remove]").focus();
    if (!this.items.length) this.field.querySelector("[type=file]").focus();
    this.owner.onChange();
  }

  /** @param {HTMLFormElement} form */
  #watch(form) {
    const filesOf = (/** @type {DragEvent} */ { dataTransfer }) => {
      return dataTransfer?.types.includes("Files") ? dataTransfer.files : null;
    };
    const over = (/** @type {DragEvent} */ event) => {
      if (!filesOf(event)) return;
      event.preventDefault(); // a file that misses the form would take the page's place
      const isInside = form.contains(/** @type {Node | null} */ (event.target));
      form.classList.toggle("dropping", event.type === "dragover" && isInside);
    };
    for (const type of /** @type {const} */ (["dragover", "dragleave", "drop"])) {
      addEventListener(type, over);
    }
    form.addEventListener("drop", (event) => this.add(filesOf(event) ?? []));
    form.addEventListener("paste", (event) => {
      if (!event.clipboardData) return;
      const { files, types } = event.clipboardData;
      // Office programs lay a picture of the text beside it.
      if (!files.length || types.includes("text/plain")) return;
      event.preventDefault();
      this.add(files);
    });
  }
}
