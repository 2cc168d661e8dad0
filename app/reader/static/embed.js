/**
 * Puts a live coverage into any page, where this script stands:
 *
 *   <script async src="https://live.example.org/embed.js" data-coverage="SLUG"></script>
 *
 * data-limit: how many entries to begin with, 20 at most; data-key-events: these only; data-scheme:
 * light or dark, whatever the page's is. The looks are CSS variables of the element that it makes,
 * dateline-coverage. All stands in a shadow root: neither page's styles reach the other.
 */

(() => {
  // Null in a module, which is why this is none.
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  const { coverage = "", limit, scheme, keyEvents } = script.dataset;
  const { origin } = new URL(script.src);
  const page = `${origin}/coverages/${encodeURIComponent(coverage)}`;
  const asked = `limit=${limit || 10}&key_events=${keyEvents !== undefined}`;
  const host = document.createElement("dateline-coverage");
  if (scheme) host.style.colorScheme = scheme;
  script.after(host);
  const root = host.attachShadow({ mode: "open" });
  let pause = 1e3; // ms until it is tried again
  /** @type {boolean | undefined} */
  let isRefused; // by Dateline, not by a proxy that finds no server, and for as long as it is so

  async function show() {
    const answer = await fetch(`${page}/embed?${asked}`, { cache: "no-cache" });
    const template = document.createElement("template");
    template.innerHTML = await answer.text(); // fetches no picture before it has its address
    const [sheet, section] = /** @type {Iterable<HTMLElement>} */ (template.content.children);
    if (!section?.dataset.module) {
      isRefused = answer.status < 429 && answer.headers.get("content-type")?.includes("problem");
      throw Error(`${answer.status} ${page}`);
    }
    // Words that came before their style would stand in the site's for a moment, and then jump. A
    // style that cannot be had is done without.
    const styled = new Promise((done) => (sheet.onload = sheet.onerror = done));
    root.prepend(sheet);
    const { keepUp } = await import(section.dataset.module);
    await styled;
    while (sheet.nextSibling) sheet.nextSibling.remove();
    await keepUp(root, section, origin, later);
    pause = 1e3;
  }

  // The embeds of all readers would begin anew at once, and find the old answer in a cache.
  const later = () => setTimeout(start, pause * (0.5 + Math.random() / 2));

  /** A server that is being restarted is back soon; meanwhile there is a way to the coverage. */
  const start = () =>
    show().catch((error) => {
      // deno-lint-ignore no-console -- for the developers of the page that it is in
      console.error("Dateline:", error);
      const link = document.createElement("a");
      link.href = link.textContent = page;
      if (!root.querySelector("a")) root.append(link);
      pause = Math.min(6e4, 2 * pause);
      if (!isRefused) later();
    });
  start();
})();
