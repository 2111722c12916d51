// Samples of secrets. None is written out: each is put together when a test runs, so that no scanner takes this file for a leak.

export const LETTERS = 'aB3dE5fGh7JkLm9NpQ2rStUvWx4yZ6'
export const random = (length: number) => LETTERS.repeat(Math.ceil(length / LETTERS.length)).slice(0, length)
export const digits = (length: number) => '7294018365'.repeat(10).slice(0, length)
export const lowerHex = (length: number) => '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'.repeat(4).slice(0, length)
export const of = (...parts: string[]) => parts.join('')
export const pem = (kind: string, body = `${random(64)}\n${random(40)}==`) =>
  of('-----BEGIN ', kind, '-----\n', body, '\n-----END ', kind, '-----')
export const jwt = of('ey', 'JhbGciOiJIUzI1NiJ9', '.', 'ey', 'JzdWIiOiIxMjM0NTY3ODkwIn0', '.', random(43))

export const SAMPLES: readonly [shape: string, secret: string][] = [
  ['anthropic', of('sk-', 'ant-api03-', random(93), 'AA')],
  ['anthropic', of('sk-', 'ant-admin01-', random(93), 'AA')],
  ['anthropic', of('sk-', 'ant-oat01-', random(80))],
  ['openai', of('sk-', 'proj-', random(74), 'T3Blbk', 'FJ', random(74))],
  ['openai', of('sk-', 'svcacct-', random(58), 'T3Blbk', 'FJ', random(58))],
  ['openai', of('sk-', 'admin-', random(58), 'T3Blbk', 'FJ', random(58))],
  ['openai', of('sk-', random(20), 'T3Blbk', 'FJ', random(20))],
  ['openai', of('sk-', 'or-v1-', lowerHex(64))],
  ...['p', 'o', 'u', 's', 'r'].map((kind): [string, string] => ['github', of('gh', kind, '_', random(36))]),
  ['github', of('ghs', '_123456_', jwt)],
  ['github', of('github', '_pat_', random(22), '_', random(59))],
  ...['pat', 'dt', 'rt', 'cbt', 'ptt', 'ft', 'agent', 'soat', 'ffct'].map((kind): [string, string] => [
    'gitlab',
    of('gl', kind, '-', random(20))
  ]),
  ['gitlab', of('gl', 'pat-', random(27), '.01.', '0a1b2c3d4')],
  ['slack', of('xo', 'xb-', digits(12), '-', digits(13), '-', random(24))],
  ['slack', of('xo', 'xp-', digits(12), '-', digits(12), '-', digits(12), '-', lowerHex(32))],
  ['slack', of('xo', 'xe.', 'xoxb-1-', random(160))],
  ['slack', of('xa', 'pp-1-A', digits(10), '-', digits(13), '-', lowerHex(64))],
  ['aws', of('AK', 'IA', 'QRSTUVWXYZ234567')],
  ['aws', of('AS', 'IA', 'QRSTUVWXYZ234567')],
  ['aws', of('AB', 'SK', random(132))],
  ['google', of('AI', 'za', random(35))],
  ['google', of('GOC', 'SPX-', random(28))],
  ['google', of('ya', '29.', random(60))],
  ['stripe', of('sk_', 'live_', random(24))],
  ['stripe', of('rk_', 'live_', random(99))],
  ['webhook_secret', of('whs', 'ec_', random(32))],
  ['npm', of('np', 'm_', random(36))],
  ['sendgrid', of('S', 'G.', random(22), '.', random(43))],
  ['twilio', of('S', 'K', lowerHex(32))],
  ['cloudflare', of('cf', 'ut_', random(48))],
  ['cloudflare', of('cf', 'at_', random(48))],
  ['cloudflare', of('cf', 'k_', random(48))],
  ['cloudflare', of('v1', '.0-', lowerHex(24), '-', lowerHex(146))],
  ['neon', of('np', 'g_', random(16))],
  ['resend', of('r', 'e_', random(8), '_', random(24))],
  ['pypi', of('py', 'pi-AgEI', random(120))],
  ['digitalocean', of('do', 'p_v1_', lowerHex(64))],
  ['vault', of('hv', 's.', random(90))],
  ['enact', of('ena', 'ct_live_', random(10), '_', random(32))],
  ['jwt', jwt],
  ['private_key', pem(of('RSA PRIVATE', ' KEY'))],
  ['private_key', pem(of('PRIVATE', ' KEY'))],
  ['private_key', pem(of('OPENSSH PRIVATE', ' KEY'))],
  ['private_key', pem(of('EC PRIVATE', ' KEY'), `Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n${random(64)}`)],
  ['private_key', pem(of('PGP PRIVATE', ' KEY BLOCK'))]
]

/** Only a part of these is the secret: what stands around it is kept. */
export const IN_PLACE: readonly [shape: string, before: string, secret: string, after: string][] = [
  ['url_password', 'postgres://app:', 'p4ss:w+rd', '@ep-cool.neon.tech/db?sslmode=require'],
  ['url_password', 'see postgresql://app:', 'a@b', '@host:5432/db'],
  ['url_password', 'redis://:', 'hunter2', '@cache'],
  ['url_password', 'https://x-access-token:', random(30), '@github.com/a/b.git'],
  ['aws', 'AWS_SECRET_ACCESS_KEY=', random(40), '\nAWS_REGION=eu'],
  ['aws', '{"secretAccessKey": "', random(40), '"}'],
  ['cloudflare', 'CLOUDFLARE_API_TOKEN="', random(40), '"'],
  ['authorization', 'Authorization: Bearer ', random(20), ''],
  ['authorization', '{"authorization":"Basic ', 'dXNlcjpodW50ZXIy', '"}'],
  ['authorization', '-H "authorization: token ', random(12), '"'],
  ['authorization', 'sent Bearer ', random(24), ' to'],
  ['enact', 'ENACT_SECRET=', 'Vt6-qLw81_yRzE0cXk3mNp5sHd7gJf9a', ' npm run dev'],
  ['google', 'key=', of('AI', 'za', random(35)), '&q=x']
]
