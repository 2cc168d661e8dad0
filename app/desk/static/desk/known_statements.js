/**
 * The sources and the running series of figures that a coverage has, the newest first.
 */

import { request } from "./api.js";
import { distinct } from "./offers.js";
import { valueOf } from "./statement.js";

/**
 * A series, with the number that its source gave last.
 *
 * @typedef {{metric: string, group: string, source: string, url: string, value: string, at: string}}
 *   Series
 */

export class KnownStatements {
  /** @type {Series[]} */
  series = [];
  /** @type {{name: string, at: string}[]} */
  #named = [];

  /**
   * @param {string} path - Of the coverage's API.
   * @param {() => import("./fields.js").Fields} fields - Of what is being written.
   */
  constructor(path, fields) {
    this.path = path;
    this.fields = fields;
  }

  /** Names of sources: those of the entry at hand, then the coverage's. */
  get sources() {
    const { claims, figures } = this.fields();
    const own = [...claims, ...figures].map(({ source }) => source).reverse();
    return distinct([...own, ...this.#named.map(({ name }) => name)]);
  }

  /**
   * Names of metrics or of groups in the coverage.
   *
   * @param {"metric"|"group"} part
   */
  names(part) {
    const own = this.fields().figures.map((figure) => figure[part]);
    return distinct([...own, ...this.series.map((series) => series[part])]);
  }

  /** Reads them again; without the server, what was read before stays. */
  async read() {
    try {
      const parts = ["claims", "figures"].map((part) => request("GET", `${this.path}/${part}`));
      const [{ claims }, { figures }] = await Promise.all(parts);
      this.series = seriesOf(figures);
      const said = claims.map((/** @type {any} */ { source, at }) => ({ name: source.name, at }));
      const counted = this.series.map(({ source, at }) => ({ name: source, at }));
      this.#named = newestFirst([...said, ...counted]);
    } catch {
      // They are offers only.
    }
  }
}

/**
 * The series of a ledger, as the API has it.
 *
 * @param {any[]} groups
 * @returns {Series[]}
 */
export function seriesOf(groups) {
  const series = groups.flatMap(({ metric, group, sources }) => {
    return sources.map((/** @type {any} */ line) => ({
      metric,
      group: group ?? "",
      source: line.source.name,
      url: line.source.url ?? "",
      value: valueOf(line),
      at: line.published_at,
    }));
  });
  return newestFirst(series);
}

/**
 * @template {{at: string}} Item
 * @param {Item[]} items
 */
function newestFirst(items) {
  return items.sort((one, other) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0));
}
