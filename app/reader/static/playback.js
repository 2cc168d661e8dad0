/**
 * Plays a coverage again: loaded when a reader asks for it.
 *
 * A jump shows the server's own page as of a moment. From there on the journal's events are folded in
 * as those of the page's stream are. A moment is a second in which something changed.
 */

import { step } from "./feed_keys.js";
import { goTo } from "./new_updates.js";
import { anchorScroll } from "./scroll_anchor.js";

const SECOND = 1_000;
const LONGEST = 2_000; // ms that a silence lasts, whatever the speed
const SHOWN = 40; // entries; older ones leave the page
const CALM = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @typedef {import("./journal.js").JournalEvent} JournalEvent
 * @typedef {import("./timeline.js").Timeline} Timeline
 */

/**
 * Begins a playback.
 *
 * @param {HTMLAnchorElement} link - Leads to the page of its first moment.
 * @param {HTMLElement} main - The page's.
 * @param {Timeline} timeline - What the page's stream is folded into; it gets retractions only from
 *   now on.
 */
export async function open(link, main, timeline) {
  const playback = new Playback(main, timeline);
  await playback.jump(link.href);
  const play = playback.find(".play");
  play.focus({ preventScroll: true });
  main.querySelector(".timeline").scrollIntoView({ block: "start", behavior: "instant" });
  // Who wants little motion sets it going.
  if (!CALM.matches) play.click();
}

/** @param {string} time - In RFC 3339. */
const secondOf = (time) => Math.floor(Date.parse(time) / SECOND) * SECOND;

/** The events that follow on a moment, read from the journal as they are needed. */
class Moments {
  /** @type {JournalEvent[]} */
  #events = []; // the next ones
  #isMore = true;

  /**
   * @param {string} page - The coverage's path.
   * @param {string} cursor - Of the moment's last event.
   */
  constructor(page, cursor) {
    this.page = page;
    this.cursor = cursor;
  }

  /** Gives the events of the next moment, which stay the next ones; none at the end. */
  async next() {
    while (true) {
      const [first] = this.#events;
      const second = first && secondOf(first.at);
      const end = this.#events.findIndex(({ at }) => secondOf(at) > second);
      if (end > 0) return this.#events.slice(0, end);
      if (!this.#isMore) {
        // A coverage that is live may have gone on by the next attempt.
        this.#isMore = !first;
        return [...this.#events];
      }
      await this.#load();
    }
  }

  /** @param {number} count - Of events that are past now. */
  drop(count) {
    this.#events.splice(0, count);
  }

  async #load() {
    const query = `format=html&limit=100&after=${this.cursor}`;
    const answer = await fetch(`/v1${this.page}/events?${query}`);
    if (!answer.ok) throw new Error(`${answer.status}`);
    const { events, cursor, more } = await answer.json();
    this.#events.push(...events);
    this.cursor = cursor;
    this.#isMore = more;
  }
}

class Playback {
  /** @type {string[]} */
  #addresses = []; // of the moments since the last jump, this one last
  /** @type {Map<string, JournalEvent>} */
  #retracted = new Map(); // while it plays, by the entry's id
  #first = 0; // second of the journal, in ms
  #last = 0;
  #time = 0; // of the moment on show
  #figuresTime = 0; // of the moment whose figures were asked for last
  #run = 0; // counts how often it was set going and stopped
  #isPlaying = false;
  /** @type {Promise<any>} */
  #acting = Promise.resolve(); // until the act under way is done
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #moments = new Moments("", "");
  /** @type {string[]} */
  #dates = []; // of each month a pattern
  #between = "";
  /** @type {string[][]} */
  #clocks = []; // since when (s), what the newsroom's clocks are ahead of UTC (s), their zone's name
  #controls = document.createElement("div"); // filled by the first jump

  /**
   * @param {HTMLElement} main
   * @param {Timeline} page
   */
  constructor(main, page) {
    this.main = main;
    this.page = page;
    this.timeline = this.#foldAnew();
    page.take = (event) => {
      if (event.type !== "entry.retracted" || !event.entry) return;
      this.#retracted.set(event.entry.id, event);
      this.timeline.take(event);
      // A line may have been drawn through what was retracted.
      for (const line of main.querySelectorAll(".figures svg")) line.remove();
      this.#showFigures();
    };
  }

  /** @param {string} selector - Of one of the controls. */
  find(selector) {
    return this.#controls.querySelector(selector);
  }

  /**
   * Shows the page as of a moment.
   *
   * @param {string} address - Of that page.
   */
  async jump(address) {
    const before = this.#retracted.size;
    // What a cache holds may have been retracted since.
    const answer = await fetch(address, { cache: "no-cache" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    /** @type {HTMLTemplateElement | null} */
    const pattern = page.querySelector(".playback-pattern");
    if (!answer.ok || !pattern) throw new Error(`${answer.status}`);
    this.#show(page.querySelector("main"), pattern);
    this.#addresses = [address];
    // What was retracted while the page was on its way.
    for (const event of [...this.#retracted.values()].slice(before)) this.timeline.take(event);
  }

  /**
   * @param {HTMLElement} fresh - The main part of another page.
   * @param {HTMLTemplateElement} pattern - Its controls, and what it tells of its moment.
   */
  #show(fresh, pattern) {
    const { cursor = "", moment = "", first = "", last = "" } = pattern.dataset;
    if (!this.#controls.isConnected) this.#build(pattern);
    // The controls stay where they are, and so does the focus.
    for (const child of [...this.main.children]) if (child !== this.#controls) child.remove();
    this.main.append(...fresh.children);
    this.timeline = this.#foldAnew();
    this.#figuresTime = 0;
    // Among the controls: readers are told of what comes in, and not of what a jump brings.
    this.timeline.status = this.find("[role=status]");
    const { days } = this.timeline;
    days.addEventListener("keydown", (event) => step(event, this.timeline, goTo));
    this.page.days = days;
    this.#moments = new Moments(this.main.dataset.page ?? "", cursor);
    this.#first = secondOf(first);
    this.#last = secondOf(last);
    this.#tell(secondOf(moment));
  }

  /** @param {HTMLTemplateElement} pattern */
  #build({ content, dataset: { dates = "", between = "", clocks = "" } }) {
    const controls = content.querySelector("div").cloneNode(true);
    this.#controls = controls;
    this.#dates = dates.split("|");
    this.#between = between;
    this.#clocks = clocks.split("|").map((each) => each.split(" "));
    controls.querySelector(".play").addEventListener("click", () => this.#toggle());
    controls.querySelector(".back").addEventListener("click", () => this.#do(() => this.#back()));
    controls.querySelector(".forth").addEventListener("click", () => this.#do(() => this.#forth()));
    const slider = controls.querySelector("input");
    const wanted = () => this.#first + Number(slider.value) * SECOND;
    slider.addEventListener("input", () => this.#say(wanted()));
    slider.addEventListener("change", () => this.#jumpTo(wanted()));
    const speed = controls.querySelector("select");
    speed.addEventListener("change", () => this.#isPlaying && this.#play());
    controls.addEventListener("keydown", (event) => this.#press(event));
    this.main.classList.add("playing-back");
    this.main.prepend(controls);
  }

  /** A timeline of what the page shows now, into which all events come. */
  #foldAnew() {
    const { main, page } = this;
    const Fresh = /** @type {typeof import("./timeline.js").Timeline} */ (page.constructor);
    const options = { isOpen: true, isFrozen: false, accepts: undefined };
    return new Fresh(main, { ...page.options, ...options });
  }

  get #slider() {
    return this.#controls.querySelector("input");
  }

  /** @param {number} time */
  #addressOf(time) {
    // The end of the second, as in the TimeMap.
    return `${this.main.dataset.page}?at=${new Date(time + SECOND - 1).toISOString()}`;
  }

  /** @param {number} time */
  #jumpTo(time) {
    this.#do(() => this.jump(this.#addressOf(time)));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const { key, ctrlKey, altKey, metaKey } = event;
    const target = /** @type {Element} */ (event.target);
    if (ctrlKey || altKey || metaKey || target.matches("select")) return;
    const isRightToLeft = getComputedStyle(this.main).direction === "rtl";
    const [onward, backward] = isRightToLeft ? ["Left", "Right"] : ["Right", "Left"];
    /** @type {Record<string, () => void>} */
    const acts = {
      [`Arrow${onward}`]: () => this.#do(() => this.#forth()),
      [`Arrow${backward}`]: () => this.#do(() => this.#back()),
      Home: () => this.#jumpTo(this.#first),
      End: () => this.#jumpTo(this.#last),
    };
    // On a button or a link it has a meaning of its own.
    if (!target.matches("button, a")) acts[" "] = () => this.#toggle();
    if (!acts[key]) return;
    event.preventDefault();
    acts[key]();
  }

  #toggle() {
    if (this.#isPlaying) this.#stop();
    else this.#play();
  }

  #stop() {
    this.#run += 1;
    clearTimeout(this.#timer);
    this.#showState(false);
  }

  /** @param {boolean} isPlaying */
  #showState(isPlaying) {
    this.#isPlaying = isPlaying;
    const play = this.find(".play");
    play.textContent = play.dataset[isPlaying ? "pause" : "play"] ?? "";
  }

  async #play() {
    this.#stop();
    const run = this.#run;
    this.#showState(true);
    while (run === this.#run) {
      /** @type {JournalEvent[] | undefined} */
      const events = await this.#act(() => this.#moments.next());
      if (run !== this.#run) return;
      if (!events?.length) break;
      const speed = Number(this.#controls.querySelector("select").value);
      const silence = (secondOf(events[0].at) - this.#time) / speed;
      await new Promise((end) => (this.#timer = setTimeout(end, Math.min(silence, LONGEST))));
      await this.#act(() => run === this.#run && this.#forth());
    }
    if (run === this.#run) this.#stop();
  }

  /** @param {() => unknown} act - Of the reader's, which ends the playing. */
  #do(act) {
    this.#stop();
    this.#act(act);
  }

  /**
   * Acts when what is under way is done. Without an answer of the server all stays as it is.
   *
   * @param {() => unknown} act
   */
  #act(act) {
    this.#acting = this.#acting.then(act).catch(() => {
      this.#stop();
      this.#tell(this.#time);
    });
    return this.#acting;
  }

  /** Shows the next moment; at the end nothing changes. */
  async #forth() {
    const events = await this.#moments.next();
    if (!events.length) return;
    this.#moments.drop(events.length);
    for (const event of events) {
      const { html, entry } = this.#retracted.get(event.entry?.id ?? "") ?? event;
      this.timeline.take({ ...event, html, entry });
    }
    for (const old of this.timeline.entries.slice(SHOWN)) old.remove();
    this.#tell(secondOf(events[0].at));
    this.#addresses.push(this.#addressOf(this.#time));
    const figures = this.main.querySelector(".figures");
    /** @param {JournalEvent} event */
    const isCounted = ({ entry }) =>
      entry?.figures?.length ||
      figures.querySelector(`[data-entry="${CSS.escape(entry?.id ?? "")}"]`);
    if (events.some(isCounted)) this.#showFigures();
  }

  /** Fetches the section with the figures of the moment on show. */
  async #showFigures() {
    const time = (this.#figuresTime = this.#time);
    const template = document.createElement("template");
    try {
      const address = this.#addressOf(time).replace("?", "/figures?");
      const answer = await fetch(address, { cache: "no-cache" });
      template.innerHTML = await answer.text();
    } catch {
      // Without an answer they stay as they are.
    }
    const fresh = template.content.querySelector("section");
    if (!fresh || time !== this.#figuresTime) return;
    const show = () => this.main.querySelector(".figures").replaceWith(fresh);
    anchorScroll(this.timeline.entries, show);
  }

  /** Shows the moment before. */
  async #back() {
    /** @type {HTMLAnchorElement | null} */
    const link = this.main.querySelector(".moments .earlier");
    // The link is that of the page of the last jump.
    const earlier = this.#addresses.length > 1 ? this.#addresses.at(-2) : link?.href;
    if (earlier) await this.jump(earlier);
  }

  /** @param {number} time - Of the moment on show. */
  #tell(time) {
    const slider = this.#slider;
    this.#time = time;
    // A coverage that is live goes on.
    this.#last = Math.max(this.#last, time);
    slider.max = `${(this.#last - this.#first) / SECOND}`;
    slider.value = `${(time - this.#first) / SECOND}`;
    this.#say(time);
  }

  /** @param {number} time */
  #say(time) {
    const clocks = this.#clocks.findLast(([since]) => Number(since) * SECOND <= time);
    const [, ahead, zone] = clocks ?? this.#clocks[0];
    const [date, clock] = new Date(time + Number(ahead) * SECOND).toISOString().split(/[T.]/);
    const [year, month, day] = date.split("-").map(Number);
    const pattern = this.#dates[month - 1] ?? date;
    const told = pattern.replace("{day}", `${day}`).replace("{year}", `${year}`);
    const words = `${told}${this.#between}${clock} ${zone}`;
    this.#slider.ariaValueText = words;
    this.find(".playback-time").textContent = words;
  }
}
