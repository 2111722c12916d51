// The trace of a call in a text on GitHub: a comment that readers do not see and that tells, after a crash, whose work it is.

/** The text with the call's mark at its end. */
export function withMarker(text: string | undefined, key: string): string {
  return text ? `${text}\n\n${marker(key)}` : marker(key)
}

/** Whether a text bears the mark of this very call. */
export function isMarked(text: string | null | undefined, key: string): boolean {
  return text?.includes(marker(key)) ?? false
}

// No character of a key can end the comment.
function marker(key: string): string {
  return `<!-- enact:${key.replace(/[^A-Za-z0-9]+/g, '-')} -->`
}
