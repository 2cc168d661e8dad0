/**
 * How far the server is with a file that it has: a video may be converted before the answer comes.
 */

import { request as ask } from "./api.js";

const LOOK = 1000; // ms between two questions

/**
 * Shows it in a bar until the request ends.
 *
 * @param {HTMLProgressElement} bar
 * @param {XMLHttpRequest} request - Of which all has been sent.
 * @param {string} key - The request's `Idempotency-Key`.
 */
export function followConversion(bar, request, key) {
  const look = setInterval(async () => {
    // Whether the request itself is broken off, that request says.
    const answer = await ask("GET", `/v1/media/uploads/${key}`).catch(() => null);
    if (answer?.progress) bar.value = answer.progress;
  }, LOOK);
  bar.removeAttribute("value");
  request.addEventListener("loadend", () => clearInterval(look));
}
