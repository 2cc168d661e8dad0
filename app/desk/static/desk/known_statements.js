/**
 * The sources and the running series of figures that a coverage has, the newest first.
 */

import { request } from "./api.js";
import { distinct, isSame } from "./offers.js";
import { valueOf } from "./statement.js";

/**
 * A series, with the number that its source gave last.
 *
 * @typedef {{metric: string, group: string, source: string, url: string, value: string, at: string}}
 *   Series
 */

export class KnownStatements {
  /** @type {Series[]} */
  #running = []; // of the server
  /** @type {Series[]} */
  #entered = []; // here, of which the server may not know yet
  /** @type {string[]} */
  #named = []; // sources
  isKnown = false; // whether the server has told them once, or cannot

  /**
   * @param {string} path - Of the coverage's API.
   * @param {() => import("./fields.js").Fields} fields - Of what is being written.
   */
  constructor(path, fields) {
    this.path = path;
    this.fields = fields;
    this.first = this.read(); // before it has ended, nothing that is missing is new
  }

  /** The running series. */
  get series() {
    const entered = this.#entered.filter((own) => !this.#running.some((each) => isOf(own, each)));
    return [...entered, ...this.#running];
  }

  /**
   * Something was entered here, which is offered from now on.
   *
   * @param {import("./statement.js").Claim | import("./statement.js").Figure} statement
   */
  remember(statement) {
    this.#named.unshift(statement.source);
    if (!("value" in statement)) return;
    this.#entered = this.#entered.filter((each) => !isOf(each, statement));
    this.#entered.unshift({ ...statement, at: "" });
  }

  /** Names of sources: those of the entry at hand, then the coverage's. */
  get sources() {
    const { claims, figures } = this.fields();
    const own = [...claims, ...figures].map(({ source }) => source).reverse();
    return distinct([...own, ...this.#entered.map(({ source }) => source), ...this.#named]);
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
      this.#running = seriesOf(figures);
      const said = claims.map((/** @type {any} */ { source, at }) => ({ name: source.name, at }));
      const counted = this.#running.map(({ source, at }) => ({ name: source, at }));
      this.#named = newestFirst([...said, ...counted]).map(({ name }) => name);
    } catch {
      // They are offers only.
    }
    this.isKnown = true;
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

/**
 * Whether two figures are of one series.
 *
 * @param {Pick<Series, "metric" | "group" | "source">} one
 * @param {Pick<Series, "metric" | "group" | "source">} other
 */
function isOf(one, other) {
  const parts = /** @type {const} */ (["metric", "group", "source"]);
  return parts.every((part) => isSame(one[part], other[part]));
}
