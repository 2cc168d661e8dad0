/**
 * What is done before somebody signs out: their texts and letters in this browser are saved on the
 * server, those in other tabs too, and then forgotten here.
 *
 * What cannot be saved is shown, and whoever leaves chooses: to stay, or to throw it away. Refuses
 * to touch what this browser keeps of others.
 */

import { Autosave } from "./autosave.js";
import { readAll, write } from "./local_store.js";
import { blankOf, isEmpty } from "./fields.js";
import { titleOf } from "./letters.js";
import { Outbox } from "./outbox.js";
import { CHANNEL, isUnsaved } from "./sign_out_peer.js";
import { ask } from "./dialog.js";

/** @typedef {import("./local_store.js").Shelf} Shelf */

const DATABASE = "dateline desk";
const SETTINGS = ["dateline desk keys"]; // in localStorage, where readers' pages have theirs too
const PATIENCE = 5_000; // ms for the other tabs, and for what is on its way

/**
 * Saves and forgets.
 *
 * @param {string} caller - Who signs out.
 * @returns {Promise<boolean>} Whether they do.
 */
export async function leave(caller) {
  const channel = new BroadcastChannel(CHANNEL);
  const parked = await park(channel, caller);
  const letters = await sendLetters(caller);
  const texts = await saveTexts(caller);
  const known = new Set(texts.map(({ id }) => id));
  // A text that no database holds is in its tab alone.
  const stray = parked.filter(({ parked: id, title }) => title !== null && !known.has(id));
  const left = [...letters, ...texts.filter(isUnsaved)].map(({ values }) => titleOf(values));
  left.push(...stray.map(({ title }) => title ?? ""));
  if (left.length && !(await ask("ask-sign-out", (dialog) => list(dialog, left)))) {
    channel.postMessage({ asked: "stay", of: caller });
    return false;
  }
  await forget(caller);
  channel.postMessage({ asked: "go", of: caller });
  return true;
}

/**
 * What a desk says that rests: its text's id, and the title where it could not be saved.
 *
 * @typedef {{parked: string, title: string | null}} Parked
 */

/**
 * Has every open desk save its text and rest; gives what each says.
 *
 * @param {BroadcastChannel} channel
 * @param {string} caller
 */
async function park(channel, caller) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const desks = held.filter(({ name }) => name?.startsWith("dateline text ")).length;
  /** @type {Parked[]} */
  const said = [];
  await new Promise((resolve) => {
    // Without locks nobody knows how many there are.
    if (!desks && navigator.locks) return resolve(null);
    setTimeout(resolve, PATIENCE);
    channel.onmessage = ({ data }) => {
      if (data.parked && said.push(data) === desks) resolve(null);
    };
    channel.postMessage({ asked: "save", of: caller });
  });
  return said;
}

/**
 * Sends what waits; gives the letters that are left.
 *
 * @param {string} caller
 */
async function sendLetters(caller) {
  const outbox = new Outbox(caller);
  await Promise.race([outbox.pump(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  clearTimeout(outbox.timer);
  return outbox.letters();
}

/**
 * Saves texts as drafts where they are such; gives all of them, as they are then.
 *
 * @param {string} caller
 */
async function saveTexts(caller) {
  const saver = new Autosave({ caller, coverage: "", blank: blankOf([], "") });
  const texts = (await readAll("texts")).filter((text) => text.caller === caller);
  for (const text of texts) {
    if (!isUnsaved(text) || isEmpty(text.values)) continue;
    saver.coverage = text.coverage;
    saver.begin(text);
    if (saver.savesItself) await saver.save();
    Object.assign(text, saver.text);
    saver.unlock();
  }
  saver.isResting = true;
  clearTimeout(saver.pausing);
  return texts;
}

/**
 * @param {HTMLElement} dialog
 * @param {string[]} titles
 */
function list(dialog, titles) {
  const { picture = "" } = dialog.dataset;
  const items = titles.map((title) => {
    const item = document.createElement("li");
    item.dir = "auto";
    item.textContent = title || picture;
    return item;
  });
  dialog.querySelector("ul").replaceChildren(...items);
}

/**
 * Forgets what is somebody's; where nothing of others is left, the database itself.
 *
 * @param {string} caller
 */
async function forget(caller) {
  for (const key of SETTINGS) localStorage.removeItem(key);
  const [texts, letters] = await Promise.all([readAll("texts"), readAll("letters")]);
  const files = await readAll("files");
  const others = [...texts, ...letters].filter((thing) => thing.caller !== caller);
  const named = new Set(others.flatMap(({ values }) => values.media.map(({ local }) => local)));
  /** @type {(shelf: Shelf, things: {id: string}[]) => import("./local_store.js").Change[]} */
  const away = (shelf, things) => things.map(({ id }) => [shelf, "delete", id]);
  const isOwn = (/** @type {{caller: string}} */ thing) => thing.caller === caller;
  await write(
    ...away("texts", texts.filter(isOwn)),
    ...away("letters", letters.filter(isOwn)),
    ...away("files", files.filter(({ id }) => !named.has(id))),
  );
  if (others.length) return;
  await new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(DATABASE);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  });
}
