import { clock } from "./zoned_time.js";

/**
 * Shows a time as the newsroom's clocks do.
 *
 * @param {HTMLElement} place - A `time` element.
 * @param {string} at
 * @param {(at: string, zone: string) => string} [format]
 */
export function showTime(place, at, format = clock) {
  const { zone = "UTC" } = document.querySelector("main").dataset;
  /** @type {HTMLTimeElement} */ (place).dateTime = at;
  place.textContent = format(at, zone);
}
