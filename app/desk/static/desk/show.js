/**
 * Buttons that show what is typed into a password field, for who cannot type it blindly.
 *
 * Without scripts the buttons stay hidden, and the fields are what they are.
 */

for (const button of document.querySelectorAll("button[data-shows]")) {
  const field = button.form.elements.namedItem(button.dataset.shows);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  // Sent as a password again, so that browsers offer to keep it.
  button.form.addEventListener("submit", () => {
    field.type = "password";
  });
}
