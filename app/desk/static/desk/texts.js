/**
 * An entry's words as text: what is compared, quoted and listed.
 */

/** The text of an entry's body: its Markdown, or what its HTML says. */
export function textOf(body) {
  if (!body) return "";
  if (typeof body === "string") return body;
  return body.markdown ?? plain(body.html);
}

/** The whole text of an entry. */
export const wordsOf = ({ headline, body }) => [headline, textOf(body)].filter(Boolean).join("\n\n");

function plain(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const block of template.content.querySelectorAll("p, li, h1, h2, h3, h4, h5, h6, br")) {
    block.after("\n\n");
  }
  return template.content.textContent.replace(/\n{3,}/g, "\n\n").trim();
}

const inZone = { timeZone: document.querySelector("main").dataset.zone };

/** A moment as the newsroom's clock tells it, with the day where it is not today's. */
export function tell(time, at) {
  const { lang } = document.documentElement;
  const date = { ...inZone, day: "numeric", month: "short" };
  const day = (moment) => moment.toLocaleDateString(lang, date);
  const moment = new Date(at);
  const clock = moment.toLocaleTimeString(lang, {
    ...inZone,
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  time.dateTime = at;
  time.textContent = day(moment) === day(new Date()) ? clock : `${day(moment)}, ${clock}`;
}
