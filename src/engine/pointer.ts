// JSON pointers (RFC 6901): how every error names its place.

/** One step of a pointer, with its slash: `a/b` is `/a~1b`. */
export function pointerStep(step: PropertyKey): string {
  return `/${String(step).toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** `['payload', 'a/b']` is `/payload/a~1b`; the whole document is the empty text. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map(pointerStep).join('')
}
