/**
 * Puts another site's player in the place of the link to its video, once a reader has pressed it.
 *
 * The player stands in a shadow root, where the page's patches do not reach: while its entry is
 * amended it plays on. It goes with its entry, and when the entry shows another video or none.
 *
 * @param {HTMLAnchorElement} link - Leads to the video's own page, and knows its player.
 */
export function play(link) {
  const place = link.closest(".player");
  const address = link.dataset.player;
  const root = place.shadowRoot ?? place.attachShadow({ mode: "open" });
  const frame = makeFrame(address, link.querySelector("strong").textContent);
  root.replaceChildren(frame);
  frame.focus();
  const watch = new MutationObserver(() => {
    if (place.contains(link) && link.dataset.player === address) return;
    watch.disconnect();
    root.replaceChildren(document.createElement("slot"));
  });
  const options = { childList: true, subtree: true, attributeFilter: ["data-player"] };
  watch.observe(place, options);
}

function makeFrame(src, title) {
  const frame = document.createElement("iframe");
  Object.assign(frame, {
    title,
    allow: "autoplay; encrypted-media; fullscreen; picture-in-picture",
    allowFullscreen: true,
    // Some sites show nothing unless they are told which site asks.
    referrerPolicy: "strict-origin-when-cross-origin",
    src,
  });
  // What it may not: lead this page elsewhere, or save files.
  frame.sandbox = "allow-scripts allow-same-origin allow-popups allow-presentation";
  Object.assign(frame.style, { display: "block", inlineSize: "100%", blockSize: "100%", border: 0 });
  return frame;
}
