/**
 * Whether this browser's session is still that of whoever opened the page.
 *
 * Somebody else may sign in in another tab, and what was written here would go out as theirs. So
 * after everybody has been elsewhere, and after a 401, a page of the desk is asked who they are.
 */

import { Refusal } from "./api.js";

let isDoubtful = false;

addEventListener("blur", doubt);

/** It has to be asked again. */
export function doubt() {
  isDoubtful = true;
}

/**
 * Refuses to go on as somebody else.
 *
 * @param {string} caller - Whose page it is.
 * @throws {Refusal} Nobody is signed in. {Stranger} Somebody else is. {TypeError} Who knows?
 */
export async function checkCaller(caller) {
  if (!isDoubtful) return;
  const answer = await fetch(location.pathname, { cache: "no-store" });
  if (answer.url.includes("/desk/sign-in")) throw new Refusal(401, {});
  const [, found] = /data-caller="([^"]*)"/.exec(await answer.text()) ?? [];
  // Without a name it is no page of ours.
  if (found !== caller) throw found ? new Stranger() : new TypeError(`${answer.status}`);
  isDoubtful = false;
}

/** Somebody else is signed in. */
export class Stranger extends Error {}
