/**
 * Buttons that show what is typed into a password field, for who cannot type it blindly.
 *
 * Without scripts the buttons stay hidden, and the fields are what they are.
 */

/** @type {NodeListOf<HTMLButtonElement>} */
const buttons = document.querySelectorAll("button[data-shows]");
for (const button of buttons) {
  const form = /** @type {HTMLFormElement} */ (button.form);
  const name = button.dataset.shows ?? "";
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem(name));
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  // Sent as a password again, so that browsers offer to keep it.
  form.addEventListener("submit", () => {
    field.type = "password";
  });
}

export {};
