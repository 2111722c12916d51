// Cloudflare Pages hands requests on to the API, and is nobody's open proxy.
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { onRequest } from '../../pages/functions/_middleware.ts'
import { isApiPath, pass } from '../../pages/pass.ts'
import routes from '../../public/_routes.json' with { type: 'json' }
import { pagesRoutes } from '../../scripts/ui.ts'
import { ROUTES } from '../../src/http/routes/index.ts'

const SITE = 'https://enact-ui.pages.dev'
const file = async () => new Response('file')
const never = { fetch: async (): Promise<Response> => expect.fail('the API was asked') }
/** Answers with what it was asked. */
const echo = {
  fetch: async (request: Request) =>
    Response.json({ url: request.url, method: request.method, headers: Object.fromEntries(request.headers), body: await request.text() })
}

interface Echo {
  readonly url: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

describe('which paths are passed on', () => {
  it('the list is that of wrangler.toml, and has every route of the API that the Worker serves', () => {
    expect(readFileSync(new URL('../../public/_routes.json', import.meta.url), 'utf8'), 'run `npm run ui`').toBe(pagesRoutes())
    const missing = ROUTES.map(({ path }) => path.replaceAll(/:[a-z_]+/g, 'x')).filter((path) => !isApiPath(path, routes.include))
    expect(missing).toEqual([])
    // What Pages takes at most.
    expect(routes.include.length).toBeLessThan(100)
  })

  it.each([
    '/',
    '/app/',
    '/app/receipt',
    '/docs',
    '/openapi.json',
    '/receiptsx',
    '/app/receipts',
    '/RECEIPTS',
    '//receipts',
    '/%72eceipts',
    '/evil.example/receipts'
  ])('%s is a file, whatever made the function run', async (path) => {
    const answer = await onRequest({ request: new Request(`${SITE}${path}`), env: { ENACT: never }, next: file })
    expect(await answer.text()).toBe('file')
  })

  it.each(['/receipts', '/receipts/x/proof', '/session', '/.well-known/enact-keys.json', '/healthz'])('%s is passed on', async (path) => {
    const answer = await onRequest({ request: new Request(`${SITE}${path}?a=b`), env: { ENACT: echo }, next: file })
    expect(((await answer.json()) as Echo).url).toBe(`${SITE}${path}?a=b`)
  })
})

describe('through the binding', () => {
  it('method, body, cookie and Origin arrive; what belongs to one connection does not', async () => {
    const request = new Request(`${SITE}/session`, {
      method: 'POST',
      body: '{"key":"k"}',
      headers: { cookie: '__Host-enact=t', origin: SITE, 'x-trace': '1', te: 'trailers', 'x-private': 'p', connection: 'close, x-private' }
    })
    const asked = (await (await pass(request, { ENACT: echo })).json()) as Echo
    expect(asked).toMatchObject({
      url: `${SITE}/session`,
      method: 'POST',
      body: '{"key":"k"}',
      headers: { cookie: '__Host-enact=t', origin: SITE, 'x-trace': '1' }
    })
    for (const name of ['te', 'connection', 'x-private']) expect(asked.headers).not.toHaveProperty(name)
  })

  it('status, every Set-Cookie and a redirect come back as they are', async () => {
    const headers = new Headers({ location: 'https://elsewhere.example/', 'keep-alive': 'timeout=5' })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    const answer = await pass(new Request(`${SITE}/setup`), { ENACT: { fetch: async () => new Response(null, { status: 302, headers }) } })
    expect([answer.status, answer.headers.get('location'), answer.headers.getSetCookie()]).toEqual([
      302,
      'https://elsewhere.example/',
      ['a=1', 'b=2']
    ])
    expect(answer.headers.has('keep-alive')).toBe(false)
  })

  it('the body streams: its first part is there before its last is made', async () => {
    let finish = (): void => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('first'))
        finish = () => {
          controller.enqueue(new TextEncoder().encode('last'))
          controller.close()
        }
      }
    })
    const reader = (await pass(new Request(`${SITE}/receipts`), { ENACT: { fetch: async () => new Response(body) } })).body!.getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('first')
    finish()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('last')
  })
})

describe('through the address', () => {
  const seen: { url: string; headers: IncomingHttpHeaders }[] = []
  const api = createServer((request, response) => {
    seen.push({ url: request.url!, headers: request.headers })
    response.writeHead(302, { location: '/app/setup', 'set-cookie': ['a=1', 'b=2'] }).end()
  })
  let base = ''
  beforeAll(async () => {
    await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  })
  afterAll(() => api.close())

  it('asks there, keeps the browser’s Origin, follows no redirect, and does not send the site’s own Host', async () => {
    const request = new Request(`${SITE}/setup?x=%2F..`, { headers: { origin: SITE, cookie: '__Host-enact=t' } })
    const answer = await pass(request, { ENACT_API_URL: base })
    expect([answer.status, answer.headers.get('location'), answer.headers.getSetCookie()]).toEqual([302, '/app/setup', ['a=1', 'b=2']])
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({ url: '/setup?x=%2F..', headers: { origin: SITE, cookie: '__Host-enact=t', host: base.slice(7) } })
  })

  it('a path cannot become another host', async () => {
    for (const path of [
      '//attacker.example/receipts',
      '/@attacker.example/',
      '/\\attacker.example',
      '/receipts/http://attacker.example/'
    ]) {
      let asked = ''
      await pass(new Request(`${SITE}${path}`), { ENACT_API_URL: 'https://enact.example' }, (async (request: Request) => {
        asked = request.url
        return new Response()
      }) as typeof fetch)
      expect(new URL(asked).host).toBe('enact.example')
    }
  })

  it.each([
    undefined,
    '',
    'enact.example',
    'http://enact.example',
    'https://user:secret@enact.example',
    'https://enact.example/path',
    'https://enact.example/?x',
    'file:///etc',
    'javascript:1'
  ])('with the address %s nothing is sent, and the answer says what to set', async (address) => {
    const env = address === undefined ? {} : { ENACT_API_URL: address }
    const answer = await pass(new Request(`${SITE}/receipts`), env, never.fetch as unknown as typeof fetch)
    expect(answer.status).toBe(503)
    expect(await answer.text()).toContain('ENACT_API_URL')
  })
})
