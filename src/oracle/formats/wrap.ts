/**
 * Lines of at most so many columns.
 */

/**
 * Breaks a line at spaces; lines after the first begin with `hanging` spaces. A word longer than a line is cut. Spaces in
 * front of the text and between its words are kept; line breaks and other control characters become spaces, so that no
 * name from a file moves a terminal's cursor.
 */
export function wrap(text: string, columns: number, hanging = 0): string[] {
  const lines: string[] = [];
  let rest = text.replace(/\p{Cc}/gu, " ");
  while (rest.length > columns) {
    const least = lines.length === 0 ? rest.length - rest.trimStart().length : hanging;
    const at = rest.lastIndexOf(" ", columns);
    const cut = at > least ? at : columns;
    lines.push(rest.slice(0, cut).trimEnd());
    rest = " ".repeat(hanging) + rest.slice(cut).trimStart();
  }
  return [...lines, rest];
}
