// A small Slack on this machine: every request judged by Slack's published arguments and scopes, faults on demand.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as z from 'zod'
import { METHODS, type Method } from './methods.ts'
import { routes } from './routes.ts'
import { Refusal, World } from './world.ts'

export { World } from './world.ts'

/** What can go wrong on the way. `after` = the effect happened, the answer did not arrive. */
export type Trouble =
  | { readonly kind: 'error' | 'reset' | 'hang'; readonly when: 'before' | 'after'; readonly status?: number }
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }

export interface SlackFake {
  /** `…/api`. */
  readonly url: string
  readonly token: string
  readonly world: World
  /** Everything that changed messages, in order. */
  readonly effects: string[]
  /** Every method that was called. */
  readonly requests: string[]
  /** The next call of this method meets trouble, once. */
  trouble(method: Method, trouble: Trouble): void
  /** Runs once, right before the next call of this method is handled. */
  before(method: Method, hook: () => void): void
  /** Throws where any request was one that Slack would refuse as malformed. */
  verify(): void
  close(): Promise<void>
}

export const SLACK_TOKEN = 'xoxb-FakeTokenOfTheTestsThatMustNeverShow'

/**
 * Starts on a free port. Messages to conversations that this world does not know are passed on to `passOn`. From elsewhere it is steered by
 * `POST /control` with `{trouble: [method, trouble]}`, and `GET /control` tells the world, its effects and what was wrong.
 */
export async function startSlack(passOn: string | null = null): Promise<SlackFake> {
  const world = new World()
  const violations: string[] = []
  const effects: string[] = []
  const requests: string[] = []
  const troubles: { method: string; trouble: Trouble }[] = []
  const hooks: { method: string; hook: () => void }[] = []

  const send = (response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const date = new Date(world.now * 1_000).toUTCString()
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', date, ...headers })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }

  const control = (text: string, response: ServerResponse) => {
    const { trouble, scopes } = (text === '' ? {} : JSON.parse(text)) as { trouble?: [string, Trouble]; scopes?: string[] }
    if (trouble) troubles.push({ method: trouble[0], trouble: trouble[1] })
    for (const scope of scopes ?? []) if (!world.scopes.delete(scope)) world.scopes.add(scope)
    send(response, 200, { messages: world.messages, effects, requests, violations })
  }

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await readBody(request)
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1')
    if (pathname === '/control') return control(text, response)
    const method = pathname.replace(/^\/api\//, '') as Method
    const fields = Object.fromEntries(new URLSearchParams(text))
    if (passOn !== null && method.startsWith('chat.') && !world.channels.has(fields.channel ?? ''))
      return relay(`${passOn}${pathname}`, request, text, response)
    requests.push(method)
    const known = Object.hasOwn(METHODS, method) ? METHODS[method] : null
    const given = known?.schema.safeParse(fields)
    const wrong = given === undefined ? ['there is no such method'] : given.success ? [] : [z.prettifyError(given.error)]
    if (request.method !== 'POST') wrong.push('is not a POST')
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) wrong.push('is not a form')
    if (!/^enact\/\d/.test(request.headers['user-agent'] ?? '')) wrong.push('the User-Agent does not say who asks')
    violations.push(...wrong.map((each) => `${method}: ${each}`))
    if (wrong.length > 0) return send(response, 200, { ok: false, error: 'invalid_arguments', response_metadata: { messages: wrong } })
    if (request.headers.authorization !== `Bearer ${SLACK_TOKEN}`) return send(response, 200, { ok: false, error: 'invalid_auth' })
    take(hooks, method)?.hook()
    const trouble = take(troubles, method)?.trouble
    if (trouble?.kind === 'answer') return send(response, trouble.status, trouble.body, trouble.headers)
    const answer = trouble?.when === 'before' ? null : reply(method, given!.data)
    if (trouble?.kind === 'error') return send(response, trouble.status ?? 503, 'upstream connect error')
    if (trouble?.kind === 'reset') return void request.socket.destroy()
    if (trouble?.kind === 'hang' || answer === null) return
    send(response, 200, answer)
  }

  const reply = (method: Method, given: unknown): unknown => {
    try {
      const { scope } = METHODS[method]
      if (scope !== null && !scope.startsWith(':')) world.need(scope)
      return { ok: true, ...routes[method](world, given as never, (what) => void effects.push(what)) }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { ok: false, error: error.message, ...error.more }
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      violations.push(`the fake failed: ${String(error)}`)
      response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    token: SLACK_TOKEN,
    world,
    effects,
    requests,
    trouble: (method, trouble) => void troubles.push({ method, trouble }),
    before: (method, hook) => void hooks.push({ method, hook }),
    verify() {
      if (violations.length > 0) throw new Error(`requests that Slack would refuse:\n${violations.join('\n')}`)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

async function relay(address: string, request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
  const { authorization = '', 'content-type': type = '' } = request.headers
  const answer = await fetch(address, { method: 'POST', headers: { authorization, 'content-type': type }, body })
  response.writeHead(answer.status, { 'content-type': 'application/json' })
  response.end(await answer.text())
}

function take<T extends { method: string }>(list: T[], method: string): T | undefined {
  const at = list.findIndex((each) => each.method === method)
  return at < 0 ? undefined : list.splice(at, 1)[0]
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
