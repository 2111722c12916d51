// Texts longer than a row may be: SQLite in an object takes 2 MB a row.

/** Characters a row holds at most: at three bytes each, 1.5 MB. */
export const CHARS_MAX = 500_000

/** The text in pieces that each fit a row; never empty. Put together again they are the text. */
export function pieces(text: string): string[] {
  const parts: string[] = []
  let at = 0
  do {
    let end = at + CHARS_MAX
    // A surrogate pair that is cut in two is no UTF-8 on either side.
    if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--
    parts.push(text.slice(at, end))
    at = end
  } while (at < text.length)
  return parts
}
