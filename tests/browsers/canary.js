// deno-fmt-ignore-file -- a function, not a statement: it is evaluated as it stands
/**
 * Evaluated in a page: returns a list of what in the document could run or be made to run.
 *
 * An allow-list of what a page of Dateline consists of; everything else is reported. Templates and
 * shadow roots are examined too, as scripts bring their contents into the page.
 */
() => {
  const BASE_URL = "https://news.example/";
  const FOREIGN =
    "iframe, frame, object, embed, applet, base, form, input, textarea, select, style, svg, math," +
    " portal, fencedframe, marquee, plaintext, xmp, audio, meta[http-equiv=refresh]";
  // The page's own controls: "Show more", and what a playback is moved by.
  const CONTROLS =
    "label.more > input[type=checkbox], .playback-bar > input[type=range]," +
    " .playback-bar > label > select";
  const NOT_IN_BODY = ["id", "name", "class", "style", "srcset", "slot", "is", "part", "popover"];
  // What the page's templates put around the text of a body.
  const WRAPPERS = ".body, p.attribution, div.sideways";
  const ADDRESSES = ["href", "src", "action", "formaction", "data", "cite", "poster", "xlink:href"];
  /** @type {string[]} */
  const findings = [];

  /** @param {ParentNode} root */
  function examine(root) {
    for (const element of root.querySelectorAll("*")) {
      check(element);
      const { content } = /** @type {{content?: unknown}} */ (element);
      if (content instanceof DocumentFragment) examine(content);
      if (element.shadowRoot) examine(element.shadowRoot);
    }
  }

  /** @param {any} element */
  function check(element) {
    const name = element.localName;
    const isControl = element.matches(CONTROLS) && !element.closest(".body");
    if ((element.matches(FOREIGN) && !isControl) || name.includes("-")) findings.push(`<${name}>`);
    if (name === "script" && !isOurs(element)) findings.push(`<script>${element.text}`);
    if (name === "link" && element.rel === "stylesheet" && !isAsset(element.href)) {
      findings.push(`stylesheet ${element.href}`);
    }
    const isOfBody = element.closest(".body") && !element.matches(WRAPPERS);
    for (const { name: attribute, value } of element.attributes) {
      if (attribute.startsWith("on")) findings.push(`<${name} ${attribute}>`);
      if (isOfBody && (NOT_IN_BODY.includes(attribute) || attribute.startsWith("data-"))) {
        findings.push(`<${name} ${attribute}> of a body`);
      }
      if (ADDRESSES.includes(attribute) && isScript(value)) findings.push(`${attribute}=${value}`);
    }
  }

  /** @param {string} address */
  const isAsset = (address) => new URL(address, BASE_URL).pathname.startsWith("/static/");

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
   * Whether the browser's own URL parser finds a scheme that may run a script.
   *
   * @param {string} address
   */
  function isScript(address) {
    try {
      return !/^(https?|mailto|tel):$/.test(new URL(address, BASE_URL).protocol);
    } catch {
      return false;
    }
  }

  examine(document);
  return findings;
};
