// deno-fmt-ignore-file -- a function, not a statement: it is evaluated as it stands
/**
 * What in a document could run, or could be made to: evaluated in a page, gives a list of words.
 *
 * It knows what a page of Dateline is made of, and takes nothing else for harmless. Looks into
 * templates and shadow roots too, whose contents scripts bring into the page.
 */
() => {
  const ANYWHERE = "https://news.example/";
  const FOREIGN =
    "iframe, frame, object, embed, applet, base, form, input, textarea, select, style, svg, math," +
    " portal, fencedframe, marquee, plaintext, xmp, audio, meta[http-equiv=refresh]";
  const OF_A_BODY = ["id", "name", "class", "style", "srcset", "slot", "is", "part", "popover"];
  // What the look puts around the words of a body.
  const OURS_IN_IT = ".body, p.attribution, div.sideways";
  const ADDRESSES = ["href", "src", "action", "formaction", "data", "cite", "poster", "xlink:href"];
  /** @type {string[]} */
  const found = [];

  /** @param {ParentNode} root */
  function look(root) {
    for (const element of root.querySelectorAll("*")) {
      check(element);
      const { content } = /** @type {{content?: unknown}} */ (element);
      if (content instanceof DocumentFragment) look(content);
      if (element.shadowRoot) look(element.shadowRoot);
    }
  }

  /** @param {any} element */
  function check(element) {
    const name = element.localName;
    if (element.matches(FOREIGN) || name.includes("-")) found.push(`<${name}>`);
    if (name === "script" && !isOurs(element)) found.push(`<script>${element.text}`);
    if (name === "link" && element.rel === "stylesheet" && !isAsset(element.href)) {
      found.push(`stylesheet ${element.href}`);
    }
    const isOfBody = element.closest(".body") && !element.matches(OURS_IN_IT);
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith("on")) found.push(`<${name} ${attribute}>`);
      if (isOfBody && OF_A_BODY.includes(attribute)) found.push(`<${name} ${attribute}> of a body`);
      if (isOfBody && attribute.startsWith("data-")) found.push(`<${name} ${attribute}> of a body`);
      if (ADDRESSES.includes(attribute) && isScript(value)) found.push(`${attribute}=${value}`);
    }
  }

  /** @param {string} address */
  const isAsset = (address) => new URL(address, ANYWHERE).pathname.startsWith("/static/");

  /** @param {HTMLScriptElement} script */
  function isOurs(script) {
    if (script.type === "application/ld+json") return isJson(script.text);
    return script.type === "module" && !script.text && script.src && isAsset(script.src);
  }

  /** @param {string} text */
  function isJson(text) {
    try {
      return Boolean(JSON.parse(text));
    } catch {
      return false;
    }
  }

  /**
   * An address as the browser itself understands it.
   *
   * @param {string} address
   */
  function isScript(address) {
    try {
      return !/^(https?|mailto|tel):$/.test(new URL(address, ANYWHERE).protocol);
    } catch {
      return false;
    }
  }

  look(document);
  return found;
};
