// Addresses, through the WHATWG URL parser of the host.
import type { Parsed, UrlParts } from '../../engine/ports.ts'

/** What a fetch would be sent to: hosts are lower-cased, IDNA-mapped and IP forms folded, as the URL standard says. Relative addresses are refused. */
export function parseUrl(text: string): Parsed<UrlParts> {
  const url = URL.parse(text)
  if (url === null) return { ok: false, error: 'it is not an absolute URL' }
  const { protocol, hostname, port, pathname, search, username, password } = url
  return { ok: true, tree: { protocol, hostname, port, pathname, search, username, password } }
}
