// Where a webhook or callback may be sent: public https names, nothing inside anybody's network.
import type { UrlParts } from './ports.ts'

const HOST_LENGTH_MAX = 253
const PATH_LENGTH_MAX = 2_048
/** The https ports that Cloudflare's own front serves; empty is 443. */
const PORTS: ReadonlySet<string> = new Set(['', '443', '2053', '2083', '2087', '2096', '8443'])

/** Names that no public resolver should answer (RFC 6761, 6762, 7686, 8375, ICANN's `internal`), and what private networks use in their place. */
const INTERNAL = [
  'localhost',
  'local',
  'internal',
  'home.arpa',
  'lan',
  'home',
  'corp',
  'intranet',
  'private',
  'localdomain',
  'test',
  'invalid',
  'example',
  'onion',
  'arpa'
]
/** Public names that lead to whatever address stands in them, or to the caller itself. */
const MIRRORS = ['nip.io', 'sslip.io', 'xip.io', 'localtest.me', 'lvh.me', 'vcap.me', 'lacolhost.com']
const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Why an address may not be sent to, in one sentence; null = it may. Give it what the WHATWG parser made of the address, which has folded
 * `0x7f.1`, `2130706433` and full-width digits into the addresses they mean. Names are judged, not what they resolve to: on Cloudflare a
 * fetch reaches no private network, elsewhere the sender's own resolver must refuse private answers.
 */
export function checkTarget(url: UrlParts, isDev: boolean): string | null {
  const host = url.hostname.toLowerCase().replace(/\.$/, '')
  if (url.protocol !== 'https:' && !(isDev && url.protocol === 'http:')) return 'the address must begin with https://'
  if (url.username !== '' || url.password !== '') return 'the address must not hold a user name or password'
  if (host.length > HOST_LENGTH_MAX) return `the address’s host is longer than ${HOST_LENGTH_MAX} characters`
  if (url.pathname.length + url.search.length > PATH_LENGTH_MAX) return `the address’s path is longer than ${PATH_LENGTH_MAX} characters`
  // In development the receiver is this machine, on whatever port; everything else stays as it is in production.
  if (isDev && LOOPBACK.has(host)) return null
  if (!PORTS.has(url.port) && !(isDev && /^\d{1,5}$/.test(url.port)))
    return `port ${url.port} is not one that webhooks are sent to: use 443 or 8443`
  return hostProblem(host)
}

function hostProblem(host: string): string | null {
  const labels = host.split('.')
  const last = labels.at(-1) ?? ''
  if (host.startsWith('[') || host.includes(':') || /^(0x[0-9a-f]*|\d+)$/.test(last))
    return 'the address must name a host: IP addresses are not sent to'
  if (!labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label))) return 'the address’s host is not a host name'
  if (INTERNAL.some((name) => isWithin(host, name))) return `\`${host}\` is an internal name`
  if (labels.length < 2) return `\`${host}\` is an internal name: a public one has a dot`
  if (MIRRORS.some((name) => isWithin(host, name))) return `\`${host}\` leads to whatever address its name holds`
  return null
}

function isWithin(host: string, name: string): boolean {
  return host === name || host.endsWith(`.${name}`)
}
