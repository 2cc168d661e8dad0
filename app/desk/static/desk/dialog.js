/**
 * Asks something in a dialog of the page, and says what was answered.
 *
 * @param {string} id - Of the `<dialog>`, whose form closes it by its buttons.
 * @param {(dialog: HTMLDialogElement) => void} [prepare] - Fills it before it is shown.
 * @returns {Promise<{choice: string, note: string}|null>} null where it was left, by Escape too.
 */
export function ask(id, prepare) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById(id));
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  dialog.querySelector("form").reset();
  prepare?.(dialog);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const close = () => {
      if (back?.isConnected) back.focus();
      const choice = dialog.returnValue;
      /** @type {HTMLTextAreaElement | null} */
      const field = dialog.querySelector("[name=note]");
      const note = field?.value.trim() ?? "";
      resolve(choice ? { choice, note } : null);
    };
    dialog.addEventListener("close", close, { once: true });
  });
}
