// A small GitHub on this machine: real git objects, every request judged by GitHub's published OpenAPI, faults on demand.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerErrors, match, requestErrors, type Matched } from './openapi.ts'
import { gitRoutes } from './git_routes.ts'
import { Refusal, type Answer, type Route } from './route.ts'
import { talkRoutes } from './talk_routes.ts'
import { World } from './world.ts'

export { World, type Repository } from './world.ts'

/** What can go wrong on the way. `after` = the effect happened, the answer did not arrive. */
export type Trouble =
  | { readonly kind: 'error' | 'reset' | 'hang'; readonly when: 'before' | 'after'; readonly status?: number }
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }

export interface GitHubFake {
  readonly url: string
  readonly token: string
  readonly world: World
  /** Everything that changed the visible world, in order. */
  readonly effects: string[]
  /** Every request, as `METHOD route`. */
  readonly requests: string[]
  /** The next request of this route meets trouble, once. */
  trouble(route: string, trouble: Trouble): void
  /** Runs once, right before the next request of this route is handled: somebody else is faster. */
  before(route: string, hook: () => void): void
  /** Throws where any request or answer did not fit GitHub's description. */
  verify(): void
  close(): Promise<void>
}

const routes: Readonly<Record<string, Route>> = { ...gitRoutes, ...talkRoutes }
const TOKEN = 'ghp_FakeTokenOfTheTestsThatMustNeverShow0000'

/** Starts on a free port of the loopback interface, with the repository `myorg/app`. */
export async function startGitHub(): Promise<GitHubFake> {
  const world = new World()
  world.seed('myorg/app', { 'README.md': '# app\n', 'src/index.ts': 'export {}\n', 'bin/run': { content: '#!/bin/sh\n', mode: '100755' } })
  const violations: string[] = []
  const effects: string[] = []
  const requests: string[] = []
  const troubles: { route: string; trouble: Trouble }[] = []
  const hooks: { route: string; hook: () => void }[] = []

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const method = request.method ?? 'GET'
    const matched = match(method, url.pathname)
    const body = await readBody(request)
    requests.push(matched?.route ?? `${method} ${url.pathname}`)
    const wrong = matched ? requestErrors(matched, url.searchParams, body) : ['GitHub has no such operation']
    if (!/^enact\/\d/.test(request.headers['user-agent'] ?? '')) wrong.push('the User-Agent does not say who asks')
    violations.push(...wrong.map((each) => `${method} ${request.url}: ${each}`))
    if (!matched || wrong.length > 0) return send(response, { status: 400, body: { message: `openapi: ${wrong.join('; ')}` } })
    if (!/^(token|bearer) /i.test(request.headers.authorization ?? '') || !request.headers.authorization?.endsWith(` ${TOKEN}`)) {
      return send(response, { status: 401, body: { message: 'Bad credentials' } })
    }
    take(hooks, matched.route)?.hook()
    const trouble = take(troubles, matched.route)?.trouble
    if (trouble?.kind === 'answer') return send(response, trouble)
    const answer = trouble?.when === 'before' ? null : reply(matched, url, body)
    if (trouble?.kind === 'error') return send(response, { status: trouble.status ?? 500, body: { message: 'Server Error' } })
    if (trouble?.kind === 'reset') return void request.socket.destroy()
    if (trouble?.kind === 'hang' || answer === null) return
    send(response, answer)
  }

  const reply = (matched: Matched, url: URL, body: unknown): Answer => {
    const route = routes[matched.route]
    const { owner = '', repo = '' } = matched.params
    const repository = world.repositories.get(`${owner}/${repo}`.toLowerCase())
    if (!route) violations.push(`${matched.route}: the fake cannot do this yet`)
    if (!route || !repository) return { status: 404, body: { message: 'Not Found' } }
    try {
      const answer = route({
        world,
        repository,
        params: matched.params,
        query: url.searchParams,
        body,
        effect: (what) => void effects.push(what)
      })
      violations.push(...answerErrors(matched, answer.status, answer.body).map((each) => `${matched.route} answer: ${each}`))
      return answer
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: error.status, body: { message: error.message, errors: error.errors } }
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
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: TOKEN,
    world,
    effects,
    requests,
    trouble: (route, trouble) => void troubles.push({ route, trouble }),
    before: (route, hook) => void hooks.push({ route, hook }),
    verify() {
      if (violations.length > 0) throw new Error(`requests that GitHub would refuse:\n${violations.join('\n')}`)
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  }
}

function take<T extends { route: string }>(list: T[], route: string): T | undefined {
  const at = list.findIndex((each) => each.route === route)
  return at < 0 ? undefined : list.splice(at, 1)[0]
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return text === '' ? undefined : JSON.parse(text)
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
  response.end(body === undefined ? undefined : JSON.stringify(body))
}
