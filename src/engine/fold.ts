// One form for all spellings of a name that look or act alike.

// Format characters and everything else that is drawn as nothing: zero-width, direction marks, soft hyphens, variation selectors.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

// Nearly every name is plain ASCII, which has neither look-alikes nor invisible letters: one cheap look saves two dear ones.
const PLAIN = /^[\x20-\x7e]*$/

/** The text with look-alikes (NFKC), case and invisible characters folded: equal for everything that a reader or a lenient system takes for the same. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  // Almost every name is plain ASCII, whose only spellings are its cases.
  return /^[\x00-\x7f]*$/.test(text) ? text.toLowerCase() : text.normalize('NFKC').replace(INVISIBLE, '').toLowerCase()
}
