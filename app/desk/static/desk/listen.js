/** Events of the desk that bring something. */

/**
 * Hears what a `CustomEvent` brings.
 *
 * @param {EventTarget} target
 * @param {string} type
 * @param {(detail: any) => void} act
 */
export function listen(target, type, act) {
  target.addEventListener(type, (event) => act(/** @type {CustomEvent} */ (event).detail));
}
