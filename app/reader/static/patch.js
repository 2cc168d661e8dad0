/**
 * Turns an element into what the server has made of it since.
 *
 * What is the same stays the same node: so focus and selection are kept, a video plays on, and a
 * picture is not loaded again.
 *
 * @param {Element} old - Is changed.
 * @param {Element} fresh - Is used up.
 */
export function patch(old, fresh) {
  if (old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes]) {
    // What the reader has opened stays open.
    if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) old.setAttribute(name, value);
  const rest = [...old.childNodes];
  for (const child of [...fresh.childNodes]) {
    // Of text only the next node can be meant: white space is everywhere.
    const reach = child.nodeType === Node.ELEMENT_NODE ? rest : rest.slice(0, 1);
    const place = reach.findIndex((node) => isAlike(node, child));
    if (place < 0) {
      old.insertBefore(child, rest[0] ?? null);
      continue;
    }
    for (const gone of rest.splice(0, place)) gone.remove();
    const kept = rest.shift();
    if (kept instanceof Element) patch(kept, /** @type {Element} */ (child));
    else if (kept && kept.nodeValue !== child.nodeValue) kept.nodeValue = child.nodeValue;
  }
  for (const gone of rest) gone.remove();
}

/**
 * @param {Node} one
 * @param {Node} other
 */
function isAlike(one, other) {
  return one.nodeName === other.nodeName && classOf(one) === classOf(other);
}

/** @param {Node} node */
const classOf = (node) => node instanceof Element && node.getAttribute("class");
