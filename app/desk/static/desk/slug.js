/**
 * Proposes a coverage's address while its title is written, until somebody writes another one.
 */

/** @type {HTMLFormElement} */
const form = document.querySelector(".head-form");
const [title, slug] = ["title", "slug"].map((name) => {
  return /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
});
const PAUSE = 300; // ms without a key
let isOwn = Boolean(slug.value);
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let last = 0;

async function propose() {
  const number = (last += 1);
  const asked = new URLSearchParams({ title: title.value });
  const answer = await fetch(`/desk/slug?${asked}`).catch(() => null);
  if (answer?.ok && number === last && !isOwn) slug.value = await answer.text();
}

title.addEventListener("input", () => {
  clearTimeout(timer);
  if (!isOwn) timer = setTimeout(propose, PAUSE);
});
slug.addEventListener("input", () => (isOwn = Boolean(slug.value)));
// A title that was written before this script had arrived would have no proposal.
if (title.value && !isOwn) propose();

export {};
