/**
 * Says what happened, to who hears the page and to who sees it. The words stand in the page.
 */

import { Refusal } from "./api.js";

const said = document.getElementById("said");
const trouble = document.querySelector(".trouble");

/**
 * @param {string} deed - Names the words.
 * @param {string} [name] - Who did it.
 */
export function say(deed, name = "") {
  trouble.textContent = "";
  const words = (said.getAttribute(`data-${deed}`) ?? "").replace("{name}", name);
  // The same words once more are news too.
  said.textContent = said.textContent === words ? `${words}\u00a0` : words;
}

/** Tells what went wrong: what the server says, or that it cannot be reached. */
export function complain(error) {
  if (error instanceof Refusal) {
    trouble.textContent = error.status === 401 ? trouble.dataset.signedOut : error.message;
  } else if (error instanceof TypeError) trouble.textContent = trouble.dataset.offline;
  if (!(error instanceof Refusal)) throw error;
}
