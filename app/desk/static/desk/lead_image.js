/**
 * The lead image in a coverage's form: sent as soon as it is chosen, so that the form sends its id.
 */

import { failure, Refusal } from "./api.js";
import { newId } from "./local_store.js";

/**
 * @param {HTMLFormElement} form
 * @param {import("./messages.js").Words} words
 */
export function bindLeadImage(form, words) {
  /** @type {HTMLElement} */
  const field = form.querySelector(".lead-field");
  /** @type {HTMLInputElement} */
  const input = field.querySelector("[type=file]");
  const message = field.querySelector(".message");
  /** @type {Promise<boolean> | null} */
  let sending = null; // whether there was a picture in the end

  /** @param {string} complaint */
  function refuse(complaint) {
    message.textContent = complaint;
    message.classList.add("complaint");
    return false;
  }

  /** @param {File} file */
  async function send(file) {
    input.disabled = true;
    message.classList.remove("complaint");
    message.textContent = words("sending");
    try {
      const media = file.type.startsWith("video/") ? null : await upload(file);
      if (media?.kind !== "image") return refuse(words("no-picture"));
      fill(field, media);
      message.textContent = "";
      return true;
    } catch (error) {
      // What is no refusal of the server's own says nothing that people understand.
      return refuse(error instanceof Refusal ? error.message : words("away"));
    } finally {
      input.disabled = false;
    }
  }

  input.addEventListener("change", () => {
    const file = input.files?.[0];
    if (file) {
      const own = send(file);
      sending = own;
      own.finally(() => {
        if (sending === own) sending = null;
      });
    }
    input.value = ""; // so that the same file can be chosen again
  });
  form.addEventListener("submit", async (event) => {
    if (!sending) return;
    event.preventDefault();
    if (await sending) form.requestSubmit();
  });
  input.parentElement?.removeAttribute("hidden");
}

/**
 * @param {File} file
 * @returns {Promise<import("./media_field.js").Media>}
 */
async function upload(file) {
  const body = new FormData();
  body.append("file", file, file.name);
  const headers = { Accept: "application/json", "Idempotency-Key": newId() };
  const answer = await fetch("/v1/media", { method: "POST", headers, body });
  const media = await answer.json().catch(() => null);
  if (!media?.id) throw failure(answer.status, media);
  return media;
}

/**
 * Shows a picture with the texts that its file has: those of the picture before it are not its own.
 *
 * @param {HTMLElement} field
 * @param {import("./media_field.js").Media} media
 */
function fill(field, media) {
  const smallest = media.renditions.toSorted((one, other) => one.width - other.width)[0];
  const shown = Object.assign(new Image(), { src: smallest?.url ?? media.url, alt: "" });
  field.querySelector(".thumb").replaceChildren(shown);
  const names = /** @type {const} */ (["alt", "caption", "credit"]);
  const find = (/** @type {string} */ name) => {
    return /** @type {HTMLInputElement} */ (field.querySelector(`[name="lead_image${name}"]`));
  };
  find("").value = media.id;
  find(".remove").checked = false;
  for (const name of names) find(`.${name}`).value = media[name] ?? "";
  field.querySelector(".lead-words").hidden = false;
}
