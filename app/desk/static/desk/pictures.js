/**
 * The pictures and videos of an entry: sent as soon as they are dropped, pasted or chosen.
 *
 * By XMLHttpRequest, since fetch does not tell how far it is. The file stays in this browser until
 * the server has it: what the network broke off goes on when it is back, after a crash too. A video
 * may be converted before the answer comes: `follow` shows how far it is.
 */

import { failure } from "./api.js";
import { newId, read, write } from "./drawer.js";
import { wordsOf } from "./fields.js";
import { isPassing } from "./letters.js";
import { copyOf } from "./words.js";

// By the type, or by the name where the system does not know the type.
const TAKEN = /^(image|video)|\.(hei[cf]|m[ko]v)$/i;
const RETRY = 10_000; // ms
const WORDS = ["alt", "caption", "credit"];

export class Pictures {
  /**
   * @param {HTMLElement} field - With a list, a button and the input for files.
   * @param {object} owner - `words`, `root`, `tell` (says a sentence), `follow` and `onChange`.
   */
  constructor(field, owner) {
    Object.assign(this, owner, { field, items: [] });
    this.list = field.querySelector("ul");
    const input = field.querySelector("[type=file]");
    const take = () => {
      this.add([...input.files]);
      input.value = "";
    };
    input.addEventListener("change", take);
    this.list.addEventListener("click", ({ target }) => this.#press(target.closest("button")));
    this.list.addEventListener("input", ({ target }) => {
      const item = this.#itemOf(target);
      if (item) item[target.name.slice(1)] = target.value;
    });
    addEventListener("online", () => {
      for (const item of this.items) if (item.isBroken) this.#send(item);
    });
    this.#watch(field.closest("form"));
    queueMicrotask(take); // what was chosen before the scripts came
  }

  get value() {
    const names = ["id", "local", "kind", "url", "renditions", "known", ...WORDS];
    return this.items.map((item) => Object.fromEntries(names.map((name) => [name, item[name]])));
  }

  set value(media) {
    const here = new Map(this.items.map((item) => [item.id ?? item.local, item]));
    const next = media.map((each) => Object.assign(here.get(each.id ?? each.local) ?? {}, each));
    for (const item of this.items) if (!next.includes(item)) item.request?.abort();
    this.items = next;
    this.list.replaceChildren(...next.map((item) => item.place ?? this.#place(item)));
    for (const item of next) {
      this.#fill(item);
      if (!item.id && !item.request) this.#resume(item);
    }
  }

  /** Whether something is still being sent, or could not be. */
  get isBusy() {
    return this.items.some(({ id }) => !id);
  }

  /** The field of the first one of which nobody has said what it shows. */
  get unsaid() {
    return this.items.find(({ alt }) => !alt.trim())?.place.querySelector("[name=_alt]");
  }

  /** The server knows these words of one. */
  know(id, words) {
    const item = this.items.find((each) => each.id === id);
    if (item) item.known = words;
  }

  /** Takes files, and sends them. */
  async add(files) {
    for (const file of files) {
      const type = file.type || file.name;
      if (!TAKEN.test(type)) {
        this.tell(this.words("not-a-picture", { name: file.name }));
        continue;
      }
      const kind = /^video|v$/i.test(type) ? "video" : "image";
      const item = { id: null, local: newId(), kind, file, alt: "", caption: "", credit: "" };
      this.items.push(item);
      this.list.append(this.#place(item));
      this.onChange();
      await write(["files", "put", { id: item.local, file }]);
      this.#send(item);
    }
  }

  async #resume(item) {
    item.file ??= (await read("files", item.local))?.file;
    if (!item.file) return this.#show(item, this.words("file-gone"));
    this.#look(item);
    this.#send(item);
  }

  #send(item) {
    const form = new FormData();
    form.append("file", item.file, item.file.name);
    const request = new XMLHttpRequest();
    Object.assign(item, { request, isBroken: false });
    this.#show(item, "");
    const bar = item.place.querySelector("progress");
    request.upload.onprogress = ({ loaded, total }) => {
      bar.value = loaded / total;
    };
    request.upload.onload = () => this.follow(bar, request, item.local);
    request.onload = () => this.#receive(item, request);
    request.onerror = () => this.#wait(item, this.words("broken-off"));
    request.open("POST", "/v1/media");
    request.responseType = "json";
    request.setRequestHeader("Idempotency-Key", item.local); // an answer may get lost
    request.send(form);
  }

  #receive(item, { status, response }) {
    if (!response?.id) {
      const error = failure(status, response);
      if (error.status === 401) return this.#wait(item, this.words("picture-signed-out"));
      if (!isPassing(error)) return this.#show(item, error.message);
      return this.#wait(item, this.words("broken-off"));
    }
    const { id, kind, url, renditions } = response;
    const known = wordsOf(response);
    // Not every browser shows the file itself: from here on it is what readers will see.
    Object.assign(item, { id, kind, url, renditions, known, request: null, file: null });
    for (const name of WORDS) item[name] ||= known[name];
    write(["files", "delete", item.local]);
    this.#show(item, "");
    this.#fill(item);
    this.#look(item);
    this.onChange();
  }

  /** Tries again later, unless somebody does before. */
  #wait(item, sentence) {
    item.isBroken = true;
    this.#show(item, sentence, true);
    setTimeout(() => item.isBroken && this.items.includes(item) && this.#send(item), RETRY);
  }

  #place(item) {
    item.place = copyOf(this.root, "picture");
    this.#fill(item);
    this.#look(item);
    this.#show(item, "");
    return item.place;
  }

  #fill(item) {
    for (const name of WORDS) item.place.querySelector(`[name=_${name}]`).value = item[name] ?? "";
  }

  /** Shows the thing itself: the smallest that there is, or the file. */
  #look(item) {
    const isVideo = item.kind === "video";
    const smallest = item.renditions?.toSorted((one, other) => one.width - other.width)[0];
    const shown = document.createElement(isVideo ? "video" : "img");
    if (item.file) {
      shown.src = URL.createObjectURL(item.file);
      shown.onload = shown.onloadeddata = () => URL.revokeObjectURL(shown.src);
    } else if (item.url) {
      shown.src = (!isVideo && smallest?.url) || item.url;
    }
    if (isVideo) shown.preload = "metadata";
    else shown.alt = "";
    item.place.querySelector(".thumb").replaceChildren(shown);
  }

  #show(item, sentence, isRetried = false) {
    const { place } = item;
    const isOnItsWay = !item.id && !sentence;
    place.querySelector(".sending").hidden = !isOnItsWay;
    place.querySelector("[value=retry]").hidden = !isRetried;
    place.querySelector(".complaint").textContent = sentence;
    if (sentence) this.tell(sentence);
  }

  #itemOf(target) {
    const place = target.closest(".picture-field");
    return this.items.find((item) => item.place === place);
  }

  #press(button) {
    const item = button && this.#itemOf(button);
    if (!item) return;
    const at = this.items.indexOf(item);
    if (button.value === "retry") return this.#send(item);
    if (button.value === "remove") return this.#remove(item, at);
    const to = Math.max(0, at + (button.value === "earlier" ? -1 : 1));
    this.items.splice(at, 1);
    this.items.splice(to, 0, item);
    this.list.insertBefore(item.place, this.items[to + 1]?.place ?? null);
    button.focus();
    this.onChange();
  }

  #remove(item, at) {
    item.request?.abort();
    write(["files", "delete", item.local ?? ""]);
    item.place.remove();
    this.items.splice(at, 1);
    (this.items[at] ?? this.items[at - 1])?.place.querySelector("[value=remove]").focus();
    if (!this.items.length) this.field.querySelector("[type=file]").focus();
    this.onChange();
  }

  #watch(form) {
    const hasFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");
    const over = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // a file that misses the form would take the page's place
      form.classList.toggle("dropping", event.type === "dragover" && form.contains(event.target));
    };
    for (const type of ["dragover", "dragleave", "drop"]) addEventListener(type, over);
    form.addEventListener("drop", (event) => hasFiles(event) && this.add(event.dataTransfer.files));
    form.addEventListener("paste", (event) => {
      const { files, types } = event.clipboardData;
      // Office programs lay a picture of the text beside it.
      if (!files.length || types.includes("text/plain")) return;
      event.preventDefault();
      this.add(files);
    });
  }
}
