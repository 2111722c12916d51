import { describe, expect, test } from 'vitest'
import { parseUrl } from '../../src/adapters/parsers/url.ts'
import { checkTarget } from '../../src/engine/webhook_target.ts'

/** As the product asks: through the real WHATWG parser. What it cannot read is not sent to either. */
function judge(address: string, isDev = false): string | null {
  const parsed = parseUrl(address)
  return parsed.ok ? checkTarget(parsed.tree, isDev) : parsed.error
}

describe('webhooks are sent to', () => {
  test.each([
    'https://example.com/hook',
    'https://example.com:8443/hook?x=1',
    'https://a.b.example.co.uk',
    'https://hooks_eu.acme.io/',
    'https://xn--bcher-kva.example.com/',
    'https://bücher.de/',
    'https://EXAMPLE.com./x',
    'https://local.acme.io',
    'https://localhost.acme.io'
  ])('%s', (address) => expect(judge(address)).toBeNull())
})

describe('webhooks are not sent to', () => {
  test.each([
    ['http', 'http://example.com/'],
    ['another scheme', 'ftp://example.com/'],
    ['a script', 'javascript:alert(1)'],
    ['a file', 'file:///etc/passwd'],
    ['a user name', 'https://user@example.com/'],
    ['a password', 'https://:secret@example.com/'],
    ['a host dressed as a user name', 'https://example.com@169.254.169.254/'],
    ['the metadata address', 'https://169.254.169.254/latest/meta-data'],
    ['loopback', 'https://127.0.0.1/'],
    ['loopback, short', 'https://127.1/'],
    ['loopback, hexadecimal', 'https://0x7f000001/'],
    ['loopback, octal', 'https://0177.0.0.1/'],
    ['loopback, one number', 'https://2130706433/'],
    ['loopback, full-width digits', 'https://１２７.０.０.１/'],
    ['loopback, circled digits', 'https://①②⑦.⓪.⓪.①/'],
    ['loopback, ideographic dots', 'https://127。0。0。1/'],
    ['a public address', 'https://8.8.8.8/'],
    ['an address with a dot behind it', 'https://127.0.0.1./'],
    ['v6 loopback', 'https://[::1]/'],
    ['v6 any', 'https://[::]/'],
    ['v4 in v6', 'https://[::ffff:169.254.169.254]/'],
    ['v4 in v6, hexadecimal', 'https://[::ffff:a9fe:a9fe]/'],
    ['a v6 metadata address', 'https://[fd00:ec2::254]/'],
    ['localhost', 'https://localhost/'],
    ['localhost, capitals and dot', 'https://LOCALHOST./'],
    ['under localhost', 'https://api.localhost/'],
    ['a printer', 'https://printer.local/'],
    ['the metadata name', 'https://metadata.google.internal/'],
    ['a home router', 'https://router.home.arpa/'],
    ['a single label', 'https://intranet/'],
    ['another single label', 'https://metadata/'],
    ['a cluster', 'https://api.default.svc.cluster.local/'],
    ['a company’s inner name', 'https://wiki.corp/'],
    ['a name that holds an address', 'https://169.254.169.254.nip.io/'],
    ['a name that leads home', 'https://x.localtest.me/'],
    ['reverse look-ups', 'https://1.0.0.127.in-addr.arpa/'],
    ['the mail port', 'https://example.com:25/'],
    ['a database', 'https://example.com:5432/'],
    ['port 0', 'https://example.com:0/'],
    ['port 80', 'https://example.com:80/'],
    ['a long path', `https://example.com/${'a'.repeat(2_048)}`],
    ['a long host', `https://${'a.'.repeat(130)}com/`],
    ['an empty label', 'https://a..b.com/'],
    ['no address', 'example.com'],
    ['nothing', '']
  ])('%s: `%s`, and it says why', (_what, address) => {
    expect(judge(address)).toMatch(/^[^\n]{10,}[^.]$/)
  })

  test('what the parser mends is judged as mended', () => {
    expect(judge('https://exa%6Dple.com/')).toBeNull()
    expect(judge('https://127%2e0.0.1/')).toContain('IP addresses')
    expect(judge('https:\\\\local%68ost\\x')).toContain('internal name')
    expect(judge('https://a b.com/')).toBe('it is not an absolute URL')
  })

  test('parts that no parser would give are refused all the same', () => {
    const parts = { protocol: 'https:', hostname: 'example.com', port: '', pathname: '/', search: '', username: '', password: '' }
    expect(checkTarget(parts, false)).toBeNull()
    for (const hostname of ['', '.', 'a..com', '-a.com', 'a-.com', 'a b.com', 'é.com', 'a.0x7f', 'a.127', '::1', '%31.com', 'a.com:80'])
      expect(checkTarget({ ...parts, hostname }, false), hostname).not.toBeNull()
  })
})

describe('in development', () => {
  test.each(['http://localhost:4000/hook', 'http://127.0.0.1:9/', 'https://[::1]:8443/', 'http://example.com:8080/'])(
    'this machine and http are allowed: %s',
    (address) => {
      expect(judge(address, true)).toBeNull()
      expect(judge(address, false)).not.toBeNull()
    }
  )

  test.each([
    'http://169.254.169.254/',
    'http://10.0.0.1/',
    'http://metadata.google.internal/',
    'http://user@localhost/',
    'ftp://localhost/'
  ])('nothing else is: %s', (address) => {
    expect(judge(address, true)).not.toBeNull()
  })
})
