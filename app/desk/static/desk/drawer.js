/**
 * What this browser keeps for who writes: texts, letters that wait to be sent, and files.
 *
 * In IndexedDB, which has written when it says so: what localStorage is told reaches the disk
 * seconds later, and a crash takes it. Where there is none, or no room, things stay in memory.
 */

const NAME = "dateline desk";
const SHELVES = ["texts", "letters", "files"];
const memory = Object.fromEntries(SHELVES.map((shelf) => [shelf, new Map()])); // null: taken out

let opening;

/** A name that nobody else has; `crypto.randomUUID` is for encrypted lines only. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Changes several things at once: all of them or none.
 *
 * @param {...[string, "put"|"delete", any]} changes - Of what has an `id`; `delete` takes the id.
 * @returns {Promise<boolean>} Whether it would outlive a crash.
 */
export async function write(...changes) {
  try {
    await inDatabase("readwrite", (shelf) => {
      for (const [name, deed, thing] of changes) shelf(name)[deed](thing);
    });
    for (const [name, , thing] of changes) memory[name].delete(thing.id ?? thing);
    return true;
  } catch {
    for (const [name, deed, thing] of changes) {
      memory[name].set(thing.id ?? thing, deed === "put" ? structuredClone(thing) : null);
    }
    return false;
  }
}

/** All that is on a shelf, in no order. */
export async function readAll(name) {
  let found = [];
  try {
    found = await inDatabase("readonly", (shelf) => shelf(name).getAll());
  } catch {
    // There is what is in memory.
  }
  const merged = new Map(found.map((thing) => [thing.id, thing]));
  for (const [id, thing] of memory[name]) merged.set(id, thing);
  return [...merged.values()].filter(Boolean);
}

/** One thing; undefined if it is not there. */
export async function read(name, id) {
  return (await readAll(name)).find((thing) => thing.id === id);
}

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
  const opened = new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      for (const name of SHELVES) asked.result.createObjectStore(name, { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const forget = () => (opening = undefined);
  opened.then((database) => {
    database.onclose = forget;
    database.onversionchange = () => database.close(forget());
  }, forget);
  return opened;
}
