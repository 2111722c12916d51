// One form for all spellings of a name that look or act alike.

// Format characters and everything else that is drawn as nothing: zero-width, direction marks, soft hyphens, variation selectors.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu

/** The text with look-alikes (NFKC), case and invisible characters folded: equal for everything that a reader or a lenient system takes for the same. */
export function fold(text: string): string {
  return text.normalize('NFKC').replace(INVISIBLE, '').toLowerCase()
}
