/**
 * Claims and figures in a line of words, with the names that the page has for metrics and statuses.
 *
 * @typedef {import("./statement.js").Claim} Claim
 * @typedef {import("./statement.js").Figure} Figure
 */

/** The names in the page, by what they are of (`metric` or `status`) and then by the API's name. */
export function readNames() {
  /** @type {HTMLTemplateElement} */
  const template = document.querySelector("template#statement-names");
  /** @type {Record<string, Record<string, string>>} */
  const names = { metric: {}, status: {} };
  for (const { className, value, textContent } of template.content.querySelectorAll("data")) {
    names[className][value] = textContent;
  }
  return names;
}

/**
 * @param {ReturnType<typeof readNames>} names
 */
export function lineWriter(names) {
  const told = (/** @type {Claim | Figure} */ { status, note }) => {
    const name = status === "reported" ? "" : names.status[status];
    return name && note ? `${name} (${note})` : name;
  };
  /** @param {string} metric */
  const metricName = (metric) => names.metric[metric] ?? metric;
  return {
    metrics: names.metric,
    metricName,
    /** @param {Claim} claim */
    claim: (claim) => joined([claim.source, claim.text, told(claim)]),
    /** @param {Figure} figure */
    figure: (figure) => {
      const { metric, group, value, source, as_of } = figure;
      return joined([metricName(metric), group, value, source, as_of.slice(0, 10), told(figure)]);
    },
    /** @param {{metric: string, group: string, source: string}} series */
    series: ({ metric, group, source }) => joined([metricName(metric), group, source]),
  };
}

/** @param {string[]} parts */
const joined = (parts) => parts.filter(Boolean).join(" · ");
