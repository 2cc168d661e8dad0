/**
 * Passkeys: what a button asks of the device goes into the button's form, which is then sent.
 *
 * Without scripts, or in a browser without passkeys, the buttons stay hidden, and the forms are what
 * they are. What is said stands in the page.
 */

import { Refusal, request } from "./api.js";

const RENEWED = 240_000; // ms; the server forgets a challenge after 5 minutes

/** @param {ArrayBuffer} buffer */
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
/** @param {string} text */
const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

/** @type {AbortController | undefined} */
let offer; // that the browser makes beside a field, until a button is pressed

/**
 * WebAuthn's options, of which JSON knows the bytes in base64url only.
 *
 * @param {any} options - In JSON.
 * @returns {any} as the browser takes them.
 */
function parse({ challenge, user, ...options }) {
  const lists = ["allowCredentials", "excludeCredentials"].filter((name) => options[name]);
  const listed = lists.map((name) => [
    name,
    options[name].map((/** @type {{id: string}} */ each) => ({ ...each, id: decode(each.id) })),
  ]);
  return {
    ...options,
    ...Object.fromEntries(listed),
    ...(user && { user: { ...user, id: decode(user.id) } }),
    challenge: decode(challenge),
  };
}

/**
 * A credential as JSON.
 *
 * @param {PublicKeyCredential} credential
 */
function serialise({ id, rawId, type, response }) {
  const names = [
    "clientDataJSON",
    "attestationObject",
    "authenticatorData",
    "signature",
    "userHandle",
  ];
  const known = /** @type {Record<string, any>} */ (response);
  const parts = names.filter((name) => known[name]).map((name) => [name, encode(known[name])]);
  return JSON.stringify({ id, rawId: encode(rawId), type, response: Object.fromEntries(parts) });
}

/**
 * @param {string} purpose
 * @param {CredentialRequestOptions} [options]
 */
async function get(purpose, options) {
  const challenge = await request("POST", "/v1/passkey-challenges", { json: { purpose } });
  return navigator.credentials.get({ ...options, publicKey: parse(challenge) });
}

/**
 * @param {HTMLFormElement} form
 * @param {Credential | null} credential
 */
function send(form, credential) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("credential"));
  field.value = serialise(/** @type {PublicKeyCredential} */ (credential));
  form.submit();
}

/** @param {HTMLButtonElement} button */
async function press(button) {
  const { dataset } = button;
  const form = /** @type {HTMLFormElement} */ (button.form);
  const status = form.querySelector("[role=status]");
  const code = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("code"));
  if (code) code.required = false; // the passkey stands in for it
  const isReady = form.reportValidity();
  if (code) code.required = true;
  if (!isReady) return;
  offer?.abort();
  status.textContent = status.dataset.waiting ?? "";
  button.setAttribute("aria-busy", "true");
  try {
    const { options, passkey = "" } = dataset;
    const publicKey = options && parse(JSON.parse(options));
    send(form, await (options ? navigator.credentials.create({ publicKey }) : get(passkey)));
  } catch (error) {
    const known = status.dataset[/** @type {Error} */ (error).name.toLowerCase()];
    const sentence = error instanceof Refusal ? error.message : known;
    status.textContent = sentence ?? status.dataset.failed ?? "";
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/**
 * Lets the browser offer passkeys where the address is typed.
 *
 * @param {HTMLFormElement} form
 */
async function suggest(form) {
  for (;;) {
    const offered = new AbortController();
    const { signal } = offered;
    offer = offered;
    const renew = setTimeout(() => offered.abort("renewed"), RENEWED);
    try {
      send(form, await get("sign-in", { mediation: "conditional", signal }));
      return;
    } catch {
      if (signal.reason !== "renewed") return; // a button was pressed, or there is none to offer
    } finally {
      clearTimeout(renew);
    }
    while (document.hidden) {
      await new Promise((seen) => addEventListener("visibilitychange", seen, { once: true }));
    }
  }
}

const hasPasskeys = Boolean(globalThis.PublicKeyCredential);
/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-passkey]");
for (const button of buttons) {
  button.hidden = !hasPasskeys;
  button.addEventListener("click", () => press(button));
}
for (const sentence of document.querySelectorAll("[data-without-passkeys]")) {
  sentence.hidden = hasPasskeys;
}
/** @type {HTMLFormElement | null} */
const form = document.querySelector("form[data-suggests]");
if (form && (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.())) {
  suggest(form);
}
