/**
 * Keeps a coverage in a frame up, and tells the page around it how high it is.
 */

import { keepUp } from "./embedded.js";

const section = /** @type {HTMLElement} */ (document.querySelector(".embed"));

// To any origin: the message has nothing that the page around does not see or know.
new ResizeObserver(() => {
  const height = Math.ceil(section.getBoundingClientRect().height);
  parent.postMessage({ context: "iframe.resize", src: location.href, height }, "*");
}).observe(section);

let pause = 2e3; // ms within which it is tried again, as those of all readers are

/** An error page would stay in the frame for good, so it asks before it loads anew. */
async function reload() {
  const answer = await fetch(location.href, { cache: "no-cache" }).catch(() => null);
  const isProblem = answer?.headers.get("content-type")?.includes("problem");
  if (answer?.ok || (answer && isProblem && answer.status < 429)) return location.reload();
  pause = Math.min(6e4, 2 * pause);
  setTimeout(reload, pause * (0.5 + Math.random() / 2));
}

const again = () => setTimeout(reload, pause * Math.random());

keepUp(document.body, section, location.origin, again).catch((error) => {
  // deno-lint-ignore no-console -- for the developers of the page around
  console.error("Dateline:", error);
  // The updates stay, and the link to the page; readers are told that no more come for now. What
  // could not be loaded may be blocked for good, so it is tried again at long intervals.
  section.querySelector(".lost").hidden = false;
  pause = 6e4;
  setTimeout(reload, pause * (0.5 + Math.random() / 2));
});
