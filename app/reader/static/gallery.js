import { play } from "./player.js";

/**
 * Shows an entry's pictures large, one beside the other: by arrow keys, by swiping, until Escape.
 * A video of another site is played where it stands.
 *
 * @param {HTMLAnchorElement} link - The picture that was chosen; it leads to its largest form.
 * @param {HTMLTemplateElement} template - Holds the dialog.
 */
export function openGallery(link, template) {
  if (link.dataset.player) return play(link);
  const dialog = template.content.firstElementChild.cloneNode(true);
  const strip = dialog.querySelector(".strip");
  const links = [...link.closest(".gallery").querySelectorAll("a.picture:not([data-player])")];
  const { entry } = link.closest(".entry").dataset;
  dialog.dataset.entry = entry; // with which it goes, if that is retracted
  strip.append(...links.map(enlarge));
  template.after(dialog);
  dialog.showModal();
  strip.children[links.indexOf(link)].scrollIntoView({ inline: "center", behavior: "instant" });
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => turn(event, strip));
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus({ preventScroll: true });
  });
}

function enlarge(link) {
  const [figure, picture] = ["figure", "img"].map((name) => document.createElement(name));
  const { alt, width, height } = link.querySelector("img");
  Object.assign(picture, { src: link.href, alt });
  for (const [name, size] of Object.entries({ width, height })) picture.setAttribute(name, size);
  figure.append(picture);
  const caption = link.parentElement.querySelector("figcaption");
  if (caption) figure.append(caption.cloneNode(true));
  return figure;
}

function turn(event, strip) {
  const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!way) return;
  event.preventDefault();
  strip.scrollBy({ left: way * strip.clientWidth });
}
