/**
 * The words that scripts show, which stand in the page: `<template class="words">`.
 */

/** Gives the words by name, with what is to be put into them. */
export function readWords(root) {
  const told = root.querySelector("template.words").content.querySelectorAll("[data-word]");
  const words = {};
  for (const each of told) words[each.dataset.word] = each.textContent.trim();
  return (name, values = {}) => words[name].replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

/** A new copy of what a template holds. */
export function copyOf(root, name) {
  return root.querySelector(`template.copy-${name}`).content.firstElementChild.cloneNode(true);
}
