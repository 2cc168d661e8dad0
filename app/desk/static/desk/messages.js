/**
 * The messages that scripts show, which stand in the page: `<template class="words">`.
 *
 * @typedef {(name: string, values?: object) => string} Words - A message by its name, with values in
 *   the place of its `{names}`; one that counts `num` has a form for each plural category.
 */

import { categoryOf } from "./language.js";

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
    const { word = "", category = "" } = each.dataset;
    words[word + category] = each.textContent.trim();
  }
  return (name, values = {}) => {
    const known = /** @type {Record<string, any>} */ (values);
    const message = words[name + categoryOf(known.num ?? 0)] ?? words[name] ?? "";
    return message.replace(/\{(\w+)\}/g, (_, key) => known[key] ?? "");
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
