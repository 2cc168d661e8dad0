/**
 * Passkeys: what a button asks of the device goes into the button's form, which is then sent.
 *
 * Without scripts, or in a browser without passkeys, the buttons stay hidden, and the forms are what
 * they are. What is said stands in the page.
 */

import { ask } from "./api.js";

const RENEWED = 240_000; // ms; the server forgets a challenge after 5 minutes

const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt());

let offer; // that the browser makes beside a field, until a button is pressed

/** WebAuthn's options, of which JSON knows the bytes in base64url only. */
function parse({ challenge, user, ...options }) {
  const lists = ["allowCredentials", "excludeCredentials"].filter((name) => options[name]);
  const listed = lists.map((name) => [
    name,
    options[name].map(({ id, ...rest }) => ({ ...rest, id: decode(id) })),
  ]);
  return {
    ...options,
    ...Object.fromEntries(listed),
    ...(user && { user: { ...user, id: decode(user.id) } }),
    challenge: decode(challenge),
  };
}

/** A credential as JSON. */
function serialise({ id, rawId, type, response }) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const parts = names.filter((name) => response[name]).map((name) => [name, encode(response[name])]);
  return JSON.stringify({ id, rawId: encode(rawId), type, response: Object.fromEntries(parts) });
}

async function get(purpose, options) {
  const { data } = await ask("POST", "/v1/passkey-challenges", { json: { purpose } });
  return navigator.credentials.get({ ...options, publicKey: parse(data) });
}

function send(form, credential) {
  form.elements.namedItem("credential").value = serialise(credential);
  form.submit();
}

async function press(button) {
  const { form, dataset } = button;
  const status = form.querySelector("[role=status]");
  const code = form.elements.namedItem("code");
  if (code) code.required = false; // the passkey stands in for it
  const isReady = form.reportValidity();
  if (code) code.required = true;
  if (!isReady) return;
  offer?.abort();
  status.textContent = status.dataset.waiting;
  button.setAttribute("aria-busy", "true");
  try {
    const { options, passkey } = dataset;
    const publicKey = options && parse(JSON.parse(options));
    send(form, await (options ? navigator.credentials.create({ publicKey }) : get(passkey)));
  } catch (error) {
    const known = status.dataset[error.name.toLowerCase()];
    status.textContent = error.problem?.detail ?? known ?? status.dataset.failed;
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** Lets the browser offer passkeys where the address is typed. */
async function suggest(form) {
  for (;;) {
    offer = new AbortController();
    const { signal } = offer;
    const renew = setTimeout(() => offer.abort("renewed"), RENEWED);
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
for (const button of document.querySelectorAll("button[data-passkey]")) {
  button.hidden = !hasPasskeys;
  button.addEventListener("click", () => press(button));
}
for (const sentence of document.querySelectorAll("[data-without-passkeys]")) {
  sentence.hidden = hasPasskeys;
}
const form = document.querySelector("form[data-suggests]");
if (form && (await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.())) suggest(form);
