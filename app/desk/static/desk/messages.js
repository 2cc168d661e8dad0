/**
 * The messages that scripts show, which stand in the page: `<template class="words">`.
 *
 * @typedef {(name: string, values?: object) => string} Words - A message by its name, with values in
 *   the place of its `{names}`.
 */

/**
 * Reads the messages of a part of the page.
 *
 * @param {ParentNode} root
 * @returns {Words}
 */
export function readWords(root) {
  /** @type {HTMLTemplateElement} */
  const template = root.querySelector("template.words");
  /** @type {Record<string, string>} */
  const words = {};
  for (const each of template.content.querySelectorAll("[data-word]")) {
    words[each.dataset.word ?? ""] = each.textContent.trim();
  }
  return (name, values = {}) => {
    const known = /** @type {Record<string, string>} */ (values);
    return words[name].replace(/\{(\w+)\}/g, (_, key) => known[key] ?? "");
  };
}

/**
 * A new copy of what a template holds.
 *
 * @param {ParentNode} root
 * @param {string} name
 */
export function copyOf(root, name) {
  /** @type {HTMLTemplateElement} */
  const { content } = root.querySelector(`template.copy-${name}`);
  return /** @type {HTMLElement} */ (content.firstElementChild).cloneNode(true);
}
