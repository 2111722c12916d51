// One form for all spellings of a name that look or act alike.

// Format characters and everything else that is drawn as nothing: zero-width, direction marks, soft hyphens, variation selectors.
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu
// No name is longer, and one character may fold to eighteen.
const LENGTH_MAX = 4_096

/**
 * The text with look-alikes (NFKC), case and invisible characters folded: equal for everything that a reader or a lenient system takes
 * for the same. Made for names: only the first 4096 characters count.
 */
export function fold(text: string): string {
  const name = text.length > LENGTH_MAX ? text.slice(0, LENGTH_MAX) : text
  // Almost every name is plain ASCII, whose only spellings are its cases.
  return /[\u0080-\uffff]/.test(name) ? name.normalize('NFKC').replace(INVISIBLE, '').toLowerCase() : name.toLowerCase()
}
