/**
 * Keeps an embedded coverage up: the timeline and the stream of the reader's page, inside a shadow
 * root of another site's page, or in a frame.
 */

import { Timeline } from "./timeline.js";

/**
 * @param {ShadowRoot|HTMLElement} root - Has its style already.
 * @param {HTMLElement} section - The rest of the fragment, as the server made it.
 * @param {string} origin - The server, to which the addresses in it belong.
 * @param {() => void} again - Begins anew, when the journal cannot be resumed.
 */
export async function keepUp(root, section, origin, again) {
  prepare(section, origin);
  if (!section.isConnected) root.append(section);
  const { coverage = "", cursor, silence, latest, keyEvents } = section.dataset;
  const lost = root.querySelector(".lost");
  const { share } = await import("./tabs.js"); // once there is something to read
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let late;
  const timeline = new Timeline(root, {
    isOpen: true,
    accepts: (entry) => keyEvents === undefined || entry.key_event,
    prepare: (element) => prepare(element, origin),
    latest,
  });
  const stream = share(coverage, {
    after: cursor,
    origin,
    format: "html",
    silence: Number(silence),
    onEvent: async (event) => {
      timeline.take(event);
      if (timeline.entries[500]) (await import("./trim.js")).trim(timeline);
    },
    onReset: () => {
      stream.close();
      again();
    },
    onState: (state) => {
      clearTimeout(late);
      if (state === "gone") {
        again(); // which tells where it was
        section.remove();
      }
      lost.hidden ||= state !== "reconnecting";
      // Streams end now and then, and are back sooner than readers are told.
      late = setTimeout(() => (lost.hidden = state !== "reconnecting"), 6e3);
    },
  });
}

/**
 * The server's addresses are below its root, which is not this page's.
 *
 * @param {HTMLElement} element
 * @param {string} origin
 */
function prepare(element, origin) {
  for (const name of ["href", "src", "poster", "srcset"]) {
    for (const each of element.querySelectorAll(`[${name}^="/"]`)) {
      const own = each.getAttribute(name) ?? "";
      each.setAttribute(name, own.replace(/(^|, )(?=\/)/g, `$1${origin}`));
    }
  }
  const title = element.querySelector("h1");
  if (title) title.ariaLevel = "2";
  if (!element.matches(".head")) return;
  for (const each of element.querySelectorAll(".media, .standfirst, .source, .related")) {
    each.remove();
  }
}
