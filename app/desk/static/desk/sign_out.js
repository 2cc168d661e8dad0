/**
 * Signing out by the button of every page: what this browser keeps of whoever leaves is saved on the
 * server before, and then forgotten here. Where that fails, signing out still works.
 */

/** @type {HTMLFormElement} */
const form = document.querySelector("form.sign-out");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  form.setAttribute("aria-busy", "true");
  let goes = true;
  try {
    const { script = "", caller = "" } = form.dataset;
    /** @type {typeof import("./sign_out_cleanup.js")} */
    const { leave } = await import(script);
    goes = await leave(caller);
  } catch (error) {
    reportError(error);
  }
  if (goes) return form.submit();
  button.disabled = false;
  form.removeAttribute("aria-busy");
  button.focus();
});

export {};
