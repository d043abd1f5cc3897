/**
 * Text inside XML and HTML.
 */

const NAMES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
/** What XML 1.0 has no way to write: control characters, half surrogate pairs, U+FFFE and U+FFFF. */
// eslint-disable-next-line no-control-regex
const NEVER = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

/** The text as content or attribute; what XML cannot hold becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(NEVER, "\ufffd").replace(/[&<>"']/g, (c) => NAMES[c]!);
}

/** The same for an attribute of XML, where a line break would become a space. */
export function attribute(text: string): string {
  return escapeXml(text).replaceAll("\n", "&#10;").replaceAll("\r", "&#13;").replaceAll("\t", "&#9;");
}
