/**
 * Tells readers who come back what is new since they left, and what was corrected or retracted.
 *
 * It lies over the page, takes no focus, and goes when it is sent away.
 */

/** @typedef {import("./journal.js").Entry} Entry */

const PAGES = 3; // of the journal at most
const FIRST = 5; // new entries that are named
const KINDS = ["corrected", "retracted", "published"]; // what was wrong comes first

/**
 * @param {HTMLElement} main - The page's, with the place for it.
 * @param {import("./timeline.js").Timeline} timeline - What the page shows.
 * @param {string} cursor - How far the reader had come.
 */
export async function showNews(main, timeline, cursor) {
  const { page } = main.dataset;
  const box = main.querySelector(".since");
  const news = fold(await read(`/v1${page}/events?limit=100&after=`, cursor));
  const list = box.querySelector("ul");
  const pattern = box.querySelector("template").content.querySelector("li");

  /**
   * @param {string} kind
   * @param {Entry} entry
   */
  const tell = (kind, { id, title, language, correction, retraction }) => {
    const item = pattern.cloneNode(true);
    const [link, note] = [item.querySelector("a"), item.querySelector("span")];
    // With that id it goes when the entry is retracted. A page out of a cache hears of it once more:
    // who was told of the retraction must not lose the note by that.
    if (kind !== "retracted") item.dataset.entry = id;
    item.lang = language;
    link.href = timeline.find(id) ? `#entry-${id}` : `${page}/entries/${id}`;
    link.textContent = retraction?.note ?? title;
    note.textContent = (kind === "corrected" && correction?.note) || "";
    return item;
  };

  list.replaceChildren();
  for (const kind of KINDS) {
    const found = news.filter((each) => each.kind === kind);
    const named = kind === "published" ? found.slice(0, FIRST) : found;
    const rest = found.length - named.length;
    if (!found.length) continue;
    const [item, sublist] = [document.createElement("li"), document.createElement("ul")];
    sublist.append(...named.map(({ entry }) => tell(kind, entry)));
    item.append(timeline.words(kind, found.length), sublist);
    if (rest) item.append(timeline.words("more", rest));
    list.append(item);
  }
  box.querySelector("button").onclick = () => (box.hidden = true);
  box.hidden = !list.firstChild;
}

/**
 * The journal behind a cursor; nothing where that is of another life.
 *
 * @param {string} address - Without the cursor.
 * @param {string} cursor
 */
async function read(address, cursor) {
  /** @type {import("./journal.js").JournalEvent[]} */
  const events = [];
  for (let page = 0, more = true; more && page < PAGES; page++) {
    const answer = await fetch(address + cursor);
    if (!answer.ok) return [];
    const found = await answer.json();
    events.push(...found.events);
    ({ cursor, more } = found);
  }
  return events;
}

/**
 * What events come to: of each entry one piece of news, turning points and the newest first.
 *
 * A retraction redacts an entry's earlier events, which carry the tombstone too. It is told of an
 * entry that was published since as well: the reader may have seen it elsewhere.
 *
 * @param {import("./journal.js").JournalEvent[]} events
 */
export function fold(events) {
  /** @type {Map<string, {kind: string, entry: Entry}>} */
  const news = new Map();
  for (const { type, entry } of events) {
    if (!entry || !type.startsWith("entry.")) continue;
    const known = news.get(entry.id)?.kind;
    const kind = entry.retraction && known !== "published" ? "retracted" : type.slice(6);
    const told = known === "published" || !KINDS.includes(kind) ? known : kind;
    if (told) news.set(entry.id, { kind: told, entry });
  }
  return [...news.values()]
    .filter(({ kind, entry }) => kind !== "published" || !entry.retraction)
    .sort(({ entry: a }, { entry: b }) => {
      return Number(b.key_event) - Number(a.key_event) || b.seq - a.seq;
    });
}
