/**
 * The form of a coverage's details: its times on the newsroom's clocks, and its lead image.
 */

import { setClock } from "../clock.js";
import { bindLeadImage } from "./lead_image.js";
import { readWords } from "./messages.js";
import { TimeField } from "./time_field.js";
import { toWall } from "./zoned_time.js";

/** @type {HTMLFormElement} */
const form = document.querySelector(".head-form");
const facts = document.querySelector("main").dataset;
const { zone = "UTC" } = facts;
const words = readWords(form);
setClock(Date.parse(facts.now ?? ""));

/** @type {NodeListOf<HTMLInputElement>} */
const inputs = form.querySelectorAll("[type=datetime-local]");
for (const input of inputs) {
  const time = new TimeField(input, zone, words);
  const { value } = time;
  // What was typed without this script, and refused, has another moment beside it.
  if (toWall(value, zone) === input.value) time.value = value;
  else input.dispatchEvent(new Event("input"));
}
// A date without a time is no value, and would be saved as no time. The browser says what is missing.
form.addEventListener("submit", (event) => {
  const unfinished = [...inputs].find((input) => input.validity.badInput);
  if (!unfinished) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  unfinished.reportValidity();
});
bindLeadImage(form, words);
