/**
 * What is looked at large, fetched when a reader asks for it: an entry's pictures, and the players of
 * other sites' videos.
 */

/**
 * Of a frame in the place of a card. A post's frame cannot tell its height: the longer ones scroll.
 *
 * @type {Record<string, Partial<CSSStyleDeclaration>>}
 */
const SHAPES = {
  video: { blockSize: "auto", aspectRatio: "16 / 9" },
  audio: { blockSize: "11rem" },
  post: { blockSize: "36rem", maxBlockSize: "85vh" },
};

/**
 * Shows an entry's pictures large, one beside the other: by buttons, by keys, by swiping, until Escape.
 * A video of another site is played where it stands.
 *
 * @param {HTMLAnchorElement} link - The picture that was chosen; it leads to its largest form.
 * @param {HTMLElement} main - The page's, with the pattern of the dialog.
 */
export function open(link, main) {
  if (link.dataset.player) return play(link);
  /** @type {HTMLTemplateElement} */
  const template = main.querySelector("template.viewer-pattern");
  const dialog = template.content.querySelector("dialog").cloneNode(true);
  const strip = dialog.querySelector(".strip");
  const all = /** @type {HTMLElement} */ (link.closest(".gallery"));
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const found = all.querySelectorAll("a.picture:not([data-player])");
  // What is covered is not turned to.
  const links = [...found].filter((each) => !each.closest("details:not([open])"));
  // With which it goes, if that is retracted.
  dialog.dataset.entry = link.closest(".entry")?.dataset.entry;
  strip.append(...links.map(enlarge));
  template.after(dialog);
  dialog.showModal();
  turnPages(dialog, strip, links.indexOf(link));
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus({ preventScroll: true });
  });
}

/**
 * Has the pictures turned by buttons and keys, and counted however they are turned.
 *
 * @param {HTMLDialogElement} dialog
 * @param {HTMLElement} strip
 * @param {number} at - The place of the picture that is shown first.
 */
function turnPages(dialog, strip, at) {
  const figures = [...strip.children];
  const last = figures.length - 1;
  const [previous, next] = [".previous", ".next"].map((name) => dialog.querySelector(name));
  const count = dialog.querySelector(".count");
  previous.hidden = next.hidden = count.hidden = !last;
  const tell = () => {
    const told = count.dataset.words?.replace("{num}", `${at + 1}`).replace(
      "{count}",
      `${last + 1}`,
    );
    if (count.textContent !== told) count.textContent = told ?? "";
    // A button that is disabled would lose the focus.
    previous.ariaDisabled = `${!at}`;
    next.ariaDisabled = `${at === last}`;
  };
  /**
   * @param {number} place
   * @param {ScrollBehavior} [behavior]
   */
  const turnTo = (place, behavior) => {
    at = Math.max(0, Math.min(last, place));
    figures[at].scrollIntoView({ inline: "center", behavior });
    tell();
  };
  turnTo(at, "instant");
  const seen = new IntersectionObserver((entries) => {
    const shown = entries.find(({ isIntersecting }) => isIntersecting);
    if (!shown) return;
    at = figures.indexOf(shown.target);
    tell();
  }, { root: strip, threshold: 0.6 });
  for (const figure of figures) seen.observe(figure);
  previous.addEventListener("click", () => turnTo(at - 1));
  next.addEventListener("click", () => turnTo(at + 1));
  dialog.addEventListener("keydown", (event) => {
    const forward = getComputedStyle(dialog).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
    /** @type {Record<string, number>} */
    const places = { ArrowLeft: at - 1, ArrowRight: at - 1, Home: 0, End: last };
    places[forward] = at + 1;
    if (!(event.key in places)) return;
    event.preventDefault();
    turnTo(places[event.key]);
  });
}

/** @param {HTMLAnchorElement} link */
function enlarge(link) {
  const [figure, picture] = ["figure", "img"].map((name) => document.createElement(name));
  const { alt, width, height } = link.querySelector("img");
  Object.assign(picture, { src: link.href, alt });
  for (const [name, size] of Object.entries({ width, height })) {
    picture.setAttribute(name, `${size}`);
  }
  figure.append(picture);
  const caption = link.closest("figure")?.querySelector("figcaption");
  if (caption) figure.append(caption.cloneNode(true));
  return figure;
}

/**
 * Puts another site's player, or its post, in the place of the link to it, once a reader has pressed.
 *
 * The player stands in a shadow root, where the page's patches do not reach: while its entry is
 * amended it plays on. It goes with its entry, and when the entry shows another video or none.
 *
 * @param {HTMLAnchorElement} link - Leads to the page on the other site, and knows its player.
 */
function play(link) {
  const place = /** @type {HTMLElement} */ (link.closest(".player, .post"));
  const address = link.dataset.player ?? "";
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  const frame = makeFrame(address, link.querySelector("strong").textContent ?? "");
  if (place.matches(".post")) Object.assign(frame.style, SHAPES[link.dataset.kind ?? "post"]);
  root.replaceChildren(frame);
  frame.focus();
  const watch = new MutationObserver(() => {
    if (place.contains(link) && link.dataset.player === address) return;
    watch.disconnect();
    root.replaceChildren(document.createElement("slot"));
  });
  const options = { childList: true, subtree: true, attributeFilter: ["data-player"] };
  watch.observe(place, options);
}

/**
 * @param {string} src
 * @param {string} title
 */
function makeFrame(src, title) {
  const frame = document.createElement("iframe");
  Object.assign(frame, {
    title,
    allow: "autoplay; encrypted-media; fullscreen; picture-in-picture",
    allowFullscreen: true,
    // Some sites show nothing unless they are told which site asks.
    referrerPolicy: "strict-origin-when-cross-origin",
    src,
  });
  // What it may not: lead this page elsewhere, or save files.
  frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-presentation");
  Object.assign(frame.style, {
    display: "block",
    inlineSize: "100%",
    blockSize: "100%",
    border: 0,
  });
  return frame;
}
