/**
 * What this browser keeps for who writes: texts, letters that wait to be sent, and files.
 *
 * @typedef {object} Stored
 * @property {import("./autosave.js").Text} texts
 * @property {import("./letters.js").Letter} letters
 * @property {{id: string, file: File}} files
 *
 * @typedef {keyof Stored} Shelf
 *
 * What is to be done with something that has an `id`; `delete` takes the id alone.
 * @typedef {{[Name in Shelf]: [Name, "put", Stored[Name]] | [Name, "delete", string]}[Shelf]} Change
 *
 * In IndexedDB, which has written when it says so: what localStorage is told reaches the disk
 * seconds later, and a crash takes it. Where there is none, or no room, things stay in memory.
 */

const NAME = "dateline desk";
/** @type {Shelf[]} */
const SHELVES = ["texts", "letters", "files"];
/** @type {{[Name in Shelf]: Map<string, Stored[Name] | null>}} */
const memory = { texts: new Map(), letters: new Map(), files: new Map() }; // null: taken out

/** @type {Promise<IDBDatabase> | undefined} */
let opening;

/** A name that nobody else has; `crypto.randomUUID` is for encrypted lines only. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Changes several things at once: all of them or none.
 *
 * @param {Change[]} changes
 * @returns {Promise<boolean>} Whether it would outlive a crash.
 */
export async function write(...changes) {
  try {
    await inDatabase("readwrite", (shelf) => {
      for (const [name, method, thing] of changes) shelf(name)[method](/** @type {any} */ (thing));
    });
    for (const [name, , thing] of changes) memory[name].delete(idOf(thing));
    return true;
  } catch {
    for (const [name, method, thing] of changes) {
      const kept = /** @type {Map<string, unknown>} */ (memory[name]);
      kept.set(idOf(thing), method === "put" ? structuredClone(thing) : null);
    }
    return false;
  }
}

/** @param {Change[2]} thing */
const idOf = (thing) => (typeof thing === "string" ? thing : thing.id);

/**
 * All that is on a shelf, in no order.
 *
 * @template {Shelf} Name
 * @param {Name} name
 * @returns {Promise<Stored[Name][]>}
 */
export async function readAll(name) {
  /** @type {Stored[Name][]} */
  let found = [];
  try {
    found = await inDatabase("readonly", (shelf) => shelf(name).getAll());
  } catch {
    // There is what is in memory.
  }
  /** @type {Map<string, Stored[Name] | null>} */
  const merged = new Map(found.map((thing) => [thing.id, thing]));
  for (const [id, thing] of memory[name]) merged.set(id, thing);
  return [...merged.values()].filter((thing) => thing !== null);
}

/**
 * One thing; undefined if it is not there.
 *
 * @template {Shelf} Name
 * @param {Name} name
 * @param {string} id
 */
export async function read(name, id) {
  return (await readAll(name)).find((thing) => thing.id === id);
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(shelf: (name: Shelf) => IDBObjectStore) => IDBRequest | void} act
 * @returns {Promise<any>} What the request gave that `act` made.
 */
async function inDatabase(mode, act) {
  const database = await (opening ??= open());
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(SHELVES, mode);
    const asked = act((name) => transaction.objectStore(name));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

function open() {
  /** @type {Promise<IDBDatabase>} */
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const name of SHELVES) asked.result.createObjectStore(name, { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const forget = () => {
    opening = undefined;
  };
  opened.then((database) => {
    database.onclose = forget;
    database.onversionchange = () => {
      forget();
      database.close();
    };
  }, forget);
  return opened;
}
