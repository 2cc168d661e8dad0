/**
 * The plural category (CLDR) of a number, by a table of the server's: not every browser knows every
 * language.
 *
 * @param {number} count
 * @param {string} [table] - The categories of the numbers up to 199, after which every hundred is like
 *   the second; the last one is that of all that are left out.
 */
export function categoryOf(count, table = "other") {
  const names = table.split(" ");
  return names[count < 200 ? count : 100 + count % 100] ?? names.at(-1) ?? "";
}
