/** The formats of JSON Schema as patterns: every text that matches one is valid, not every valid text matches. */

const DATE = (() => {
  const leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
  const days =
    "(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";
  return `(?:[0-9]{4}-${days}|${leap}-02-29)`;
})();
const TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])";
const BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?";
const H = "[0-9a-f]";
const HOST = `${LABEL}(?:\\.${LABEL}){0,4}`;

/** By name; a format that is not here is a remark, as the standard has it. */
export const FORMATS: ReadonlyMap<string, string> = new Map([
  ["date", DATE],
  ["time", TIME],
  ["date-time", `${DATE}T${TIME}`],
  ["duration", "P(?:[0-9]{1,4}D(?:T[0-9]{1,2}H)?|T[0-9]{1,4}[HMS]|[0-9]{1,4}[YMW])"],
  [
    "email",
    `[a-z0-9](?:[a-z0-9+_-]{0,30}[a-z0-9])?(?:\\.[a-z0-9]{1,30}){0,3}@${LABEL}(?:\\.${LABEL}){0,3}\\.[a-z]{2,10}`,
  ],
  ["hostname", HOST],
  ["ipv4", `${BYTE}(?:\\.${BYTE}){3}`],
  ["ipv6", `(?:${H}{1,4}:){7}${H}{1,4}`],
  ["uuid", `${H}{8}-${H}{4}-${H}{4}-${H}{4}-${H}{12}`],
  ["uri", `https?://${HOST}(?::[0-9]{1,4})?(?:/[A-Za-z0-9._~-]{0,60}){0,8}(?:\\?[A-Za-z0-9._~=&-]{0,60})?`],
]);
