// The session cookie in a real browser: who can read it, who can use it, and what a page of somebody else's can make of it.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { SECRET, startBrowser } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'enact-sign-in-'))
let edge: LocalEdge
let browser: Browser
let attacker: Server
let evil = ''
let admin = ''

beforeAll(async () => {
  edge = await startEdge({
    port: 0,
    state: join(folder, 'state'),
    variables: { ENACT_SECRET: SECRET, ENACT_RATE_SCALE: '1000' },
    devVars: false,
    watch: false,
    onLog: () => undefined
  })
  const claimed = await fetch(`${edge.url}/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret: SECRET, team_id: 'acme', name: 'Acme' })
  })
  admin = ((await claimed.json()) as { key: string }).key
  attacker = createServer((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>evil</title>')
  )
  await new Promise<void>((resolve) => attacker.listen(0, '127.0.0.1', resolve))
  // Another port of one host is the same site: `SameSite=Strict` lets the cookie through, and only `Origin` tells them apart.
  evil = `http://127.0.0.1:${(attacker.address() as AddressInfo).port}`
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await edge?.stop()
  attacker?.closeAllConnections()
  attacker?.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
})

/** Signs in from a page of ours, by the browser's own fetch. */
async function signedIn(): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: edge.url })
  const page = await context.newPage()
  await page.goto('/app/sign-in')
  expect(await ask(page, 'POST', '/session', { key: admin })).toBe(201)
  return { context, page }
}

/** The status of a request that the page makes. */
function ask(page: Page, method: string, path: string, body?: unknown): Promise<number> {
  return page.evaluate(
    async ([verb, to, text]) => {
      const headers: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' }
      return (await fetch(to!, { method: verb!, headers, ...(text === undefined ? {} : { body: text }) })).status
    },
    [method, path, body === undefined ? undefined : JSON.stringify(body)] as const
  )
}

async function keysNow(): Promise<number> {
  const answer = await fetch(`${edge.url}/keys?limit=200`, { headers: { 'x-enact-api-key': admin } })
  return ((await answer.json()) as { data: unknown[] }).data.length
}

describe('in a real browser', () => {
  it('a page of ours reads and writes with the cookie, which no script can see', async () => {
    const { context, page } = await signedIn()
    expect(await ask(page, 'GET', '/session')).toBe(200)
    expect(await ask(page, 'POST', '/keys', { scopes: ['read'] })).toBe(201)
    expect(await page.evaluate(() => document.cookie)).toBe('')
    expect(await context.cookies()).toMatchObject([{ name: '__Host-enact', httpOnly: true, secure: true, sameSite: 'Strict', path: '/' }])
    await context.close()
  })

  it('a page of the same site and another origin changes nothing with it, and reads nothing', async () => {
    const { context, page } = await signedIn()
    const before = await keysNow()
    const tab = await context.newPage()
    await tab.goto(evil)
    const answers = await tab.evaluate(async (target) => {
      const body = JSON.stringify({ scopes: ['admin'] })
      const json = { 'content-type': 'application/json' }
      const tries: [string, RequestInit][] = [
        ['/keys', { method: 'POST', headers: json, body, credentials: 'include' }],
        ['/keys', { method: 'POST', body, credentials: 'include', mode: 'no-cors' }],
        ['/session', { method: 'DELETE', credentials: 'include' }],
        ['/session', { credentials: 'include' }],
        ['/keys', { credentials: 'include' }]
      ]
      const found: string[] = []
      for (const [path, init] of tries) {
        const told = await fetch(`${target}${path}`, init).then(
          async (response) => `${response.type} ${response.status} ${await response.text()}`,
          () => 'refused'
        )
        found.push(told)
      }
      return found
    }, edge.url)
    // What the browser lets the page see of an answer: nothing.
    expect(answers).toEqual(['refused', 'refused', 'refused', 'refused', 'refused'])
    for (const [path, type] of [
      ['/keys', 'text/plain'],
      ['/session', 'text/plain'],
      ['/keys', 'application/x-www-form-urlencoded']
    ] as const) {
      const other = await context.newPage()
      await other.goto(evil)
      const navigated = other.waitForResponse((response) => response.url() === `${edge.url}${path}`)
      await other.evaluate(
        ([action, enctype]) => {
          const form = document.createElement('form')
          Object.assign(form, { method: 'post', action, enctype })
          const field = document.createElement('input')
          Object.assign(field, { name: '{"scopes":["admin"],"x":"', value: '"}' })
          form.append(field)
          document.body.append(form)
          form.submit()
        },
        [`${edge.url}${path}`, type] as const
      )
      const answer = await navigated
      expect([403, 415]).toContain(answer.status())
      // The cookie did go along: it is the origin that was refused.
      if (path === '/keys')
        expect([answer.status(), (await answer.request().allHeaders()).cookie?.startsWith('__Host-enact=')]).toEqual([403, true])
    }
    expect(await keysNow()).toBe(before)
    expect(await ask(page, 'GET', '/session')).toBe(200)
    await context.close()
  })

  it('a page of ours cannot be put into a frame of somebody else’s', async () => {
    const { context } = await signedIn()
    const tab = await context.newPage()
    await tab.goto(evil)
    const text = await tab.evaluate(async (target) => {
      const frame = document.createElement('iframe')
      frame.src = `${target}/app/approvals`
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
      document.body.append(frame)
      await loaded
      return frame.contentWindow?.length
    }, edge.url)
    expect(text).toBe(0)
    const inside = tab.frames().find((frame) => frame !== tab.mainFrame())!
    expect(inside.url()).not.toContain('/app/approvals')
    await context.close()
  })

  it('a cookie that somebody kept is worth nothing after signing out', async () => {
    const { context, page } = await signedIn()
    const [kept] = await context.cookies()
    expect(await ask(page, 'DELETE', '/session')).toBe(204)
    expect(await context.cookies()).toEqual([])
    const replay = await fetch(`${edge.url}/session`, { headers: { cookie: `${kept!.name}=${kept!.value}` } })
    expect(replay.status).toBe(401)
    await context.close()
  })
})
