/**
 * Tells readers who come back what is new since they left, and what was corrected or retracted.
 *
 * How far they had come is remembered on their device. What it tells lies over the page, takes no
 * focus, and goes when it is sent away.
 */

import { setClock } from "./times.js";

const AWAY = 60_000; // ms; who is back sooner has not left
const PAGES = 3; // of the journal at most
const FIRST = 5; // new entries that are named
const LENGTH = 80; // characters of an entry without a headline
const KINDS = ["corrected", "retracted", "published"]; // what was wrong comes first

/**
 * @param {HTMLElement} main - The page's, with the place for it.
 * @param {import("./timeline.js").Timeline} timeline - What the page shows.
 * @param {() => string} cursor - Says how far the reader has come.
 */
export function welcomeBack(main, timeline, cursor) {
  const { coverage, page } = main.dataset;
  const box = main.querySelector(".since");
  const key = `dateline ${coverage}`;
  let left = recall(key); // {cursor, at}

  const leave = () => {
    // What is still on show has not been read.
    left = { cursor: box.hidden || !left ? cursor() : left.cursor, at: Date.now() };
    recall(key, left);
  };

  const comeBack = async () => {
    if (!left || left.cursor === cursor() || Date.now() - left.at < AWAY) return;
    const events = await read(`/v1${page}/events?limit=100&after=`, left.cursor);
    show(fold(events));
  };

  const show = (news) => {
    const list = box.querySelector("ul");
    const pattern = box.querySelector("template").content.firstElementChild;
    list.replaceChildren();
    for (const kind of KINDS) {
      const found = news.filter((each) => each.kind === kind);
      const named = kind === "published" ? found.slice(0, FIRST) : found;
      const group = named.map(({ entry }) => tell(pattern.cloneNode(true), kind, entry));
      const rest = found.length - named.length;
      if (!group.length) continue;
      const item = document.createElement("li");
      item.className = kind;
      item.append(timeline.words(kind, found.length), document.createElement("ul"));
      item.lastChild.append(...group);
      if (rest) item.append(timeline.words("more", rest));
      list.append(item);
    }
    box.hidden = !list.children.length;
  };

  const tell = (item, kind, { id, headline, body, media, language, correction, retraction }) => {
    const [link, note] = item.children;
    const text = headline ?? (plain(body?.html) || media[0]?.caption || media[0]?.alt);
    item.dataset.entry = id;
    item.lang = language;
    link.href = timeline.find(id) ? `#entry-${id}` : `${page}/entries/${id}`;
    link.textContent = retraction?.note ?? text;
    note.textContent = kind === "corrected" ? correction.note : "";
    return item;
  };

  box.querySelector("button").addEventListener("click", () => (box.hidden = true));
  document.addEventListener("visibilitychange", () => (document.hidden ? leave() : comeBack()));
  addEventListener("pagehide", leave);
  comeBack();
}

/** What is remembered, or is to be; nothing where the browser keeps nothing. */
function recall(key, value) {
  try {
    if (value) localStorage.setItem(key, JSON.stringify(value));
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/** The journal behind a cursor; nothing where that is of another life. */
async function read(address, cursor) {
  const events = [];
  for (let page = 0, more = true; more && page < PAGES; page++) {
    const answer = await fetch(address + cursor);
    if (!answer.ok) return [];
    setClock(answer);
    const found = await answer.json();
    events.push(...found.events);
    ({ cursor, more } = found);
  }
  return events;
}

/** What events come to: of each entry one piece of news, turning points and the newest first. */
function fold(events) {
  const news = new Map();
  for (const { type, entry } of events) {
    if (!entry) continue;
    const known = news.get(entry.id)?.kind;
    const kind = entry.retraction && known !== "published" ? "retracted" : type.slice(6);
    const told = known === "published" || !KINDS.includes(kind) ? known : kind;
    if (told) news.set(entry.id, { kind: told, entry });
  }
  return [...news.values()]
    .filter(({ kind, entry }) => kind !== "published" || !entry.retraction)
    .sort((a, b) => b.entry.key_event - a.entry.key_event || b.entry.seq - a.entry.seq);
}

function plain(html = "") {
  const template = document.createElement("template");
  template.innerHTML = html;
  const text = template.content.textContent.trim();
  return text.length > LENGTH ? `${text.slice(0, LENGTH)}…` : text;
}
