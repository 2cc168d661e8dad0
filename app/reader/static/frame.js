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

keepUp(document.body, section, location.origin, () => location.reload());
