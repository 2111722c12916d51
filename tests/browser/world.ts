// What browser tests share: the real edge with real receipts, a real Chromium, and the rules that every page must keep.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { startDatabase, type Database } from '../../src/cli/demo/database.ts'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { startGitHub } from '../fakes/github/index.ts'
import { corpus } from '../vectors/corpora.ts'

export const SECRET = 'vgXk2P0m7RZt4LqHc9YwB1sJ8uEaN5dF'
export const TEAM = 'acme'
export const SIZES = { phone: { width: 360, height: 780 }, desk: { width: 1280, height: 860 } } as const
export const THEMES = ['light', 'dark'] as const
const SHOTS = join(import.meta.dirname, '..', '..', '.enact', 'screenshots')

/** An installation with a GitHub, a Postgres and a team. */
export interface World {
  readonly url: string
  /** The team's admin key. */
  readonly admin: string
  /** A key that runs, for `agent@company.com`. */
  readonly agent: string
  /** A key that approves, of the registered approver `ops@acme.dev`. */
  readonly approver: string
  readonly browser: Browser
  /** Calls the API with the admin key, or another; throws where it does not answer 2xx. */
  // oxlint-disable-next-line typescript/no-explicit-any
  api(method: string, path: string, body?: unknown, key?: string): Promise<any>
  close(): Promise<void>
}

/** Starts everything; `ask` is `ENACT_ASK_BEFORE`, `more` are further variables of the Worker. */
export async function startWorld(ask = 'update_row', more: Readonly<Record<string, string>> = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'enact-browser-'))
  const github = await startGitHub()
  const database: Database = await startDatabase()
  let edge: LocalEdge | undefined
  let browser: Browser | undefined
  const close = async () => {
    await browser?.close()
    await edge?.stop()
    await Promise.all([github.close(), database.close()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
  try {
    edge = await startEdge({
      port: 0,
      state: join(folder, 'state'),
      variables: {
        ENACT_SECRET: SECRET,
        ENACT_DEV: '1',
        ENACT_EMAIL_DRY_RUN: '1',
        ENACT_RATE_SCALE: '1000',
        ENACT_ASK_BEFORE: ask,
        GITHUB_TOKEN: github.token,
        GITHUB_API_URL: github.url,
        ...database.variables,
        ...more
      },
      devVars: false,
      watch: false,
      onLog: (line) => {
        if (line.includes('"level":"error"')) console.error(line)
      }
    })
    browser = await startBrowser()
    await database.ready
    const { url } = edge
    const bare = async (method: string, path: string, body: unknown, key: string | null) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', accept: 'application/json', ...(key === null ? {} : { 'x-enact-api-key': key }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) })
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
      return text === '' ? undefined : (JSON.parse(text) as Record<string, unknown>)
    }
    const admin = String((await bare('POST', '/setup', { secret: SECRET, team_id: TEAM }, null))!.key)
    await bare('POST', '/people', { email: 'ops@acme.dev', name: 'Ops', roles: ['approver'] }, admin)
    const keyOf = async (body: unknown) => String((await bare('POST', '/keys', body, admin))!.key)
    return {
      url,
      admin,
      agent: await keyOf({ scopes: ['run'], label: 'billing-bot', user_email: 'agent@company.com' }),
      approver: await keyOf({ scopes: ['read', 'approve'], label: 'ops', user_email: 'ops@acme.dev' }),
      browser,
      api: (method, path, body, key = admin) => bare(method, path, body, key),
      close
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Debian's Chromium, or the one that CHROMIUM_PATH names. */
export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync'
    ]
  })
}

/** A page with what went wrong on it, as it comes: violations of the CSP or Trusted Types, script errors, dialogs. */
export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  readonly wrongs: string[]
  close(): Promise<void>
}

/** Opens a fresh browser context; with a key, signed in by it. */
export async function visit(
  world: Pick<World, 'url' | 'browser'>,
  given: { key?: string; size?: keyof typeof SIZES; theme?: (typeof THEMES)[number]; motion?: 'reduce' | 'no-preference' } = {}
): Promise<Visit> {
  const context = await world.browser.newContext({
    viewport: SIZES[given.size ?? 'desk'],
    colorScheme: given.theme ?? 'light',
    reducedMotion: given.motion ?? 'reduce',
    baseURL: world.url,
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin'
  })
  const wrongs: string[] = []
  await context.exposeFunction('enactTestWrong', (text: string) => void wrongs.push(text))
  await context.addInitScript(() => {
    const tell = (globalThis as unknown as { enactTestWrong(text: string): void }).enactTestWrong
    addEventListener('securitypolicyviolation', (event) => tell(`violates ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`))
    const shifts = { sum: 0 }
    Object.assign(globalThis, { enactTestShifts: shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
        if (!entry.hadRecentInput) shifts.sum += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
  })
  const page = await context.newPage()
  page.on('pageerror', (error) => void wrongs.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    wrongs.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    // What the server refuses is an answer, not a fault of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) wrongs.push(`console: ${message.text()}`)
  })
  if (given.key !== undefined) {
    const response = await context.request.post('/session', { data: { key: given.key }, headers: { origin: world.url } })
    if (!response.ok()) throw new Error(`signing in answered ${response.status()}: ${await response.text()}`)
  }
  return { page, context, wrongs, close: () => context.close() }
}

/** How far things have moved on this page without anybody asking (CLS); 0 is the aim. */
export async function shiftOf(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as unknown as { enactTestShifts: { sum: number } }).enactTestShifts.sum)
}

/** Fails with everything that axe finds, and where. */
export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ target, failureSummary }) => `  ${target.join(' ')} ${failureSummary}`).join('\n')}`
  )
  expect(found.join('\n')).toBe('')
}

/** Nothing may be wider than the window. */
export async function expectNoOverflow(page: Page): Promise<void> {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide, 'the page scrolls sideways').toBeLessThanOrEqual(0)
}

/** A picture to look at, in `.enact/screenshots`. */
export async function shoot(page: Page, name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true })
  await page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true })
}

/** Every naughty string of the corpus where it is there, and payloads that would run where a text became markup or an address. */
export function hostileStrings(): string[] {
  const own = [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(2)</script>',
    "javascript:alert(3)//'",
    '<svg/onload=alert(4)>',
    '{{constructor.constructor("alert(5)")()}}',
    '</textarea><iframe srcdoc="<script>alert(6)</script>">',
    '\u202Egnp.exe\u202C',
    'a\u0000b',
    '\ud83d\ude00'.repeat(50),
    'x'.repeat(2_000)
  ]
  const folder = corpus('naughty_strings')
  return folder === null ? own : [...own, ...(JSON.parse(readFileSync(join(folder, 'blns.json'), 'utf8')) as string[])]
}
