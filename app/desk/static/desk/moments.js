/**
 * Times as the newsroom's clocks show them, wherever the browser is.
 */

const formats = {};

function wall(at, zone) {
  formats[zone] ??= new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return formats[zone].format(at).replace(" ", "T");
}

/** What a field for date and time shows: `2026-03-01T12:00`, or nothing for no time. */
export function toWall(at, zone) {
  return at ? wall(new Date(at), zone).slice(0, 16) : "";
}

/** The moment (RFC 3339) of what such a field shows; of an hour that comes twice, one of both. */
export function toInstant(shown, zone) {
  const wanted = Date.parse(`${shown}Z`);
  let at = wanted;
  for (let turn = 0; turn < 2; turn += 1) at += wanted - Date.parse(`${wall(at, zone)}Z`);
  return new Date(at).toISOString();
}

/** Hours and minutes. */
export function clock(at, zone) {
  return wall(new Date(at), zone).slice(11, 16);
}
