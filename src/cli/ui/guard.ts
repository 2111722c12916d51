// Who may talk to a server on this machine: nobody but a browser that shows its own pages, and programs that no page steers. Pure.

/** What of a request says where it comes from. `hosts` are all `Host` headers, as sent. */
export interface Asker {
  readonly method: string
  /** The request's target as it stands in the first line. */
  readonly target: string
  readonly hosts: readonly string[]
  readonly origin: string | null
  /** `Sec-Fetch-Site`, `-Mode` and `-Dest`, which no page can set; null from programs and old browsers. */
  readonly site: string | null
  readonly mode: string | null
  readonly dest: string | null
}

/** Why a request is refused. */
export interface Refusal {
  readonly status: 400 | 403 | 405 | 421
  readonly detail: string
}

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
/** The names of this machine that a browser resolves without asking anybody. */
const NAMES = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Null = serve it. INVARIANT: only reads; only under this machine's own names and this very port, so that a name which somebody
 * else's DNS points here (rebinding) gets nothing; and nothing that a browser asks for on behalf of another site's page.
 */
export function refusalOf(asker: Asker, port: number): Refusal | null {
  const { method, target, hosts, origin, site } = asker
  if (hosts.length !== 1 || !isOwnHost(hosts[0]!, port))
    return { status: 421, detail: `this server answers only to http://127.0.0.1:${port}: the request names another host` }
  // An absolute target would name a second host.
  if (!target.startsWith('/')) return { status: 400, detail: 'the request must name a path' }
  if (!READS.has(method)) return { status: 405, detail: 'the receipts of a folder can be read and nothing else' }
  const isForeign = (site !== null && site !== 'same-origin' && site !== 'none') || (origin !== null && origin !== `http://${hosts[0]}`)
  if (isForeign && !isVisit(asker)) return { status: 403, detail: 'the request comes from the page of another site' }
  return null
}

/** A link from elsewhere that opens a page here: who made the link sees nothing of it. */
function isVisit({ target, origin, mode, dest }: Asker): boolean {
  return origin === null && mode === 'navigate' && dest === 'document' && isPage(target)
}

/** Pages are files; receipts are never opened by somebody else's link. */
function isPage(target: string): boolean {
  return /^\/(app(\/[a-z-]*)?|docs)?(\?|$)/.test(target)
}

function isOwnHost(host: string, port: number): boolean {
  return NAMES.some((name) => host.toLowerCase() === `${name}:${port}` || (port === 80 && host.toLowerCase() === name))
}
