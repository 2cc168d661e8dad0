/**
 * The buttons that copy what a field shows.
 */

/** @type {HTMLElement} */
const panel = document.querySelector(".sharing");
const said = panel.querySelector("[role=status]");

/** @param {HTMLButtonElement} button */
async function copy(button) {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.value));
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    // Without https the browser does not let it be copied: it is selected, to be copied by hand.
    field.focus();
    field.select();
    return;
  }
  said.textContent = button.dataset.copied ?? "";
}

for (const button of panel.querySelectorAll("button")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

export {};
