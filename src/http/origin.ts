// Cross-site request forgery: what a browser sends along by itself counts only from pages of this installation. Pure.

/** Methods that change nothing, whoever makes a browser send them. */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD'])

/** Whether the request may be trusted to come from a page of ours. A missing `Origin` and `null` are nobody's. */
export function isOwnOrigin(
  { method, headers, url }: { method: string; headers: Headers; url: URL },
  allowed: ReadonlySet<string>
): boolean {
  if (SAFE.has(method)) return true
  const origin = headers.get('origin')
  // INVARIANT: compared letter by letter. Browsers send one spelling; whatever is spelt otherwise comes from something else.
  return origin !== null && (origin === url.origin || allowed.has(origin))
}

/** `ENACT_UI_ORIGINS` as browsers spell origins. What is no origin (`null`, `*`, an address with a path) lets nobody in, and is named in `wrong`. */
export function originsOf(list: string | undefined): { allowed: ReadonlySet<string>; wrong: string[] } {
  const entries = (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
  const read = entries.map((entry) => ({ entry, origin: originOf(entry) }))
  return {
    allowed: new Set(read.flatMap(({ origin }) => (origin === null ? [] : [origin]))),
    wrong: read.filter(({ origin }) => origin === null).map(({ entry }) => entry)
  }
}

function originOf(entry: string): string | null {
  const url = URL.parse(entry)
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && url.username === '' && url.password === ''
  return isOrigin && url.search === '' && url.hash === '' ? url.origin : null
}
