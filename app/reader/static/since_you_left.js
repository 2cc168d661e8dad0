/**
 * Tells readers who come back what is new since they left, and what was corrected, retracted, called
 * into question, or is no longer what the original says.
 *
 * It lies over the page, takes no focus, and goes when it is sent away.
 */

/**
 * @typedef {object} Change
 * @property {string} kind
 * @property {string} entry_id
 * @property {string | null} title
 * @property {string | null} note
 * @property {{status: string}[]} assessed
 * @property {import("./journal.js").Entry & Record<"claims" | "figures", {status: string}[]>} after
 */

/** @typedef {{to: string, counts: Record<string, number>, changes: Change[], more: boolean}} Changes */

const LIMIT = 20; // changes in an answer
const FIRST = 5; // new entries that are named
const CONTESTED = ["disputed", "false", "withdrawn"];
// What was wrong comes first.
const KINDS = ["retracted", "corrected", "contested", "outdated", "published"];

/**
 * @param {HTMLElement} main - The page's, with the place for it.
 * @param {import("./timeline.js").Timeline} timeline - What the page shows.
 * @param {string} cursor - How far the reader had come.
 */
export async function showNews(main, timeline, cursor) {
  const { page } = main.dataset;
  const box = main.querySelector(".since");
  const changes = await read(`/v1${page}/changes?limit=${LIMIT}&from=${cursor}`);
  const list = box.querySelector("ul");
  const pattern = box.querySelector("template").content.querySelector("li");

  /** @param {Change} change */
  const tell = ({ kind, entry_id: id, title, note: told, after }) => {
    const item = pattern.cloneNode(true);
    const [link, note] = [item.querySelector("a"), item.querySelector("span")];
    const isRetracted = kind === "retracted";
    // With that id it goes when the entry is retracted. A page out of a cache hears of it once more:
    // who was told of the retraction must not lose the note by that.
    if (!isRetracted) item.dataset.entry = id;
    item.lang = after.language;
    link.href = timeline.find(id) ? `#entry-${id}` : `${page}/entries/${id}`;
    link.textContent = isRetracted ? told : title;
    // That on an original is on the entry: nothing would remove it here when the original is retracted.
    note.textContent = (!isRetracted && kind !== "outdated" && told) || "";
    return item;
  };

  list.replaceChildren();
  for (const { kind, named, count } of changes ? group(changes) : []) {
    const [item, sublist] = [document.createElement("li"), document.createElement("ul")];
    sublist.append(...named.map(tell));
    item.append(timeline.words(kind, count), sublist);
    if (count > named.length) item.append(timeline.words("more", count - named.length));
    list.append(item);
  }
  /** @type {HTMLAnchorElement} */
  const difference = box.querySelector("a.difference");
  difference.href = `${page}?from=${cursor}&to=${changes?.to}`;
  box.querySelector("button").onclick = () => (box.hidden = true);
  box.hidden = !list.firstChild;
}

/**
 * The changes since a cursor, with every one that says that something was wrong: these come first,
 * and are rarely more than one answer has. Nothing where the cursor is of another life.
 *
 * @param {string} address - Of the first page.
 */
async function read(address) {
  /** @type {Changes | undefined} */
  let all;
  for (let offset = 0;; offset += LIMIT) {
    const answer = await fetch(all ? `${address}&to=${all.to}&offset=${offset}` : address);
    if (!answer.ok) return;
    /** @type {Changes} */
    const found = await answer.json();
    all = { ...found, changes: [...(all?.changes ?? []), ...found.changes] };
    const last = found.changes.at(-1);
    if (!found.more || !last || ["published", "amended"].includes(last.kind)) return all;
    if (last.kind === "assessed" && !isContested([...last.after.claims, ...last.after.figures])) {
      return all;
    }
  }
}

/** @param {{status: string}[]} statements */
const isContested = (statements) => statements.some(({ status }) => CONTESTED.includes(status));

/**
 * What readers are told, by kind: how many, and those that are named.
 *
 * @param {Pick<Changes, "counts" | "changes">} changes
 */
export function group({ counts, changes }) {
  const kindOf = (/** @type {Change} */ { kind, assessed }) =>
    isContested(assessed) ? "contested" : kind;
  return KINDS.map((kind) => {
    const all = changes.filter((each) => kindOf(each) === kind);
    if (kind !== "published") return { kind, named: all, count: all.length };
    return { kind, named: all.slice(0, FIRST), count: counts.published };
  }).filter(({ count }) => count);
}
