// The landing page as the Worker serves it, in a real Chromium: small, still, accessible, and with an engine that nothing typed can break or leave.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { SCENES } from '../../src/ui/playground/scenes.ts'
import {
  expectAccessible,
  expectNoOverflow,
  hostileStrings,
  SECRET,
  shiftOf,
  shoot,
  SIZES,
  startBrowser,
  THEMES,
  visit,
  type Visit
} from './world.ts'

const KB = 1024
let edge: LocalEdge
let browser: Browser
const folder = mkdtempSync(join(tmpdir(), 'enact-landing-'))

beforeAll(async () => {
  const quiet = { devVars: false, watch: false, onLog: () => undefined }
  edge = await startEdge({ port: 0, state: folder, variables: { ENACT_SECRET: SECRET }, ...quiet })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await edge?.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
})

type Given = NonNullable<Parameters<typeof visit>[1]>

/** Runs it on a page of its own, on which nothing may go wrong. */
async function on(address: string, given: Given, work: (page: Page, visit: Visit) => Promise<void>): Promise<void> {
  const visited = await visit({ url: edge.url, browser }, given)
  try {
    await visited.page.goto(address, { waitUntil: 'load' })
    await work(visited.page, visited)
    expect(visited.wrongs).toEqual([])
  } finally {
    await visited.close()
  }
}

const decision = (page: Page) => page.locator('[data-decision]').getAttribute('data-decision')

/** Fills the first field of a kind of request, and waits for the verdict on exactly that. */
async function judge(page: Page, scene: string, text: string): Promise<string | null> {
  await page.locator(`input[name=scene][value=${scene}]`).check()
  await settled(page)
  await page.locator('#board [data-field]').first().fill(text)
  await settled(page)
  return decision(page)
}

/** The newest question is answered: typing is over, and no answer is on its way. */
async function settled(page: Page): Promise<void> {
  await page.locator('.answer[aria-busy=false]').waitFor({ timeout: 20_000 })
}

describe('every visitor', () => {
  const looks = Object.keys(SIZES).flatMap((size) => THEMES.map((theme) => [size as keyof typeof SIZES, theme] as const))

  it.each(looks)('sees an accessible page, %s and %s, before and after a verdict', async (size, theme) => {
    await on('/', { size, theme }, async (page) => {
      await expectNoOverflow(page)
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Judge' }).click()
      await settled(page)
      expect(await decision(page)).toBe('BLOCK')
      await page.getByText('The receipt', { exact: true }).click()
      await expectAccessible(page)
      await expectNoOverflow(page)
      await shoot(page, `landing-${size}-${theme}`)
    })
  })

  it.each(looks)('sees an accessible reference, %s and %s', async (size, theme) => {
    await on('/docs', { size, theme }, async (page) => {
      await expectNoOverflow(page)
      await expectAccessible(page)
      await page.screenshot({ path: join('.enact', 'screenshots', `docs-${size}-${theme}.png`) })
    })
  })

  it('reads everything without a script: the acts, the commands, the limits', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, baseURL: edge.url })
    const page = await context.newPage()
    await page.goto('/')
    for (const text of ['All 16 checks held', 'npm run deploy', 'can go around'])
      expect(await page.getByText(text).first().isVisible(), text).toBe(true)
    expect(await page.locator('noscript p').innerText()).toContain('npx enact policy test')
    await context.close()
  })
})

describe('the page', () => {
  it('takes less than 60 KB until the playground is touched, and nothing from elsewhere', async () => {
    const visited = await visit({ url: edge.url, browser })
    const { page } = visited
    const sizes = new Map<string, number>()
    page.on('response', (response) => {
      void response
        .body()
        .then((body) => sizes.set(response.url(), gzipSync(body).length))
        .catch(() => sizes.set(response.url(), Number.NaN))
    })
    await page.goto('/', { waitUntil: 'networkidle' })
    // Whoever only reads, reads on to the end.
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
    await page.waitForLoadState('networkidle')
    const sum = [...sizes.values()].reduce((all, size) => all + size, 0)
    console.log(`landing page: ${(sum / KB).toFixed(1)} KB gzipped in ${sizes.size} files`)
    expect(sum).toBeLessThan(60 * KB)
    expect([...sizes.keys()].filter((address) => new URL(address).origin !== edge.url)).toEqual([])
    expect([...sizes.keys()].filter((address) => /playground\.js|\.wasm|\.cast/.test(address))).toEqual([])
    await visited.close()
  })

  it('moves nothing: not while it loads, and not when a verdict comes late', async () => {
    for (const size of ['phone', 'desk'] as const)
      await on('about:blank', { size }, async (page) => {
        await page.route('**/app/playground.js', async (route) => {
          await new Promise((resolve) => setTimeout(resolve, 900))
          await route.continue()
        })
        await page.goto('/', { waitUntil: 'networkidle' })
        await page.getByRole('button', { name: 'Judge' }).click()
        await settled(page)
        await page.evaluate(() => scrollTo(0, document.body.scrollHeight))
        expect(await shiftOf(page)).toBe(0)
      })
  })

  it('is served under a policy that lets in nothing inline and no text as script; only the worker may compile WASM', async () => {
    const policyOf = async (path: string) => (await fetch(`${edge.url}${path}`)).headers.get('content-security-policy') ?? ''
    for (const path of ['/', '/docs', '/app/', '/app/landing.js']) {
      const policy = await policyOf(path)
      expect(policy, path).toContain("default-src 'none'")
      expect(policy, path).toContain("require-trusted-types-for 'script'")
      expect(policy, path).not.toMatch(/unsafe|\*|https?:|data:|blob:/)
    }
    const worker = await policyOf('/app/playground.js')
    expect(worker).toContain("'wasm-unsafe-eval'")
    expect(worker).not.toMatch(/'unsafe-eval'|'unsafe-inline'|\*/)
  })
})

describe('the playground', () => {
  it('blocks DELETE FROM customers, passes it with a WHERE, and follows typing, parameters, policies and facts', async () => {
    await on('/', {}, async (page) => {
      expect(await judge(page, 'sql', 'DELETE FROM customers')).toBe('BLOCK')
      expect(await page.locator('[data-policy=dont_delete_without_where] .said').textContent()).toContain('has no WHERE')
      expect(await judge(page, 'sql', 'DELETE FROM customers WHERE id = 42')).toBe('PASS')
      expect(await judge(page, 'sql', 'DELETE FROM')).toBe('BLOCK')
      expect(await page.locator('.answer').textContent()).toContain('syntax error')
      expect(await judge(page, 'sql', 'SELECT * FROM orders')).toBe('PASS')
      await page.locator('[data-policy=protect_tables] [data-param=protected]').fill('orders')
      await settled(page)
      expect(await decision(page)).toBe('BLOCK')
      await page.locator('[data-policy=protect_tables] input[type=checkbox]').uncheck()
      await settled(page)
      expect(await decision(page)).toBe('PASS')
      await page.getByLabel('Code freeze', { exact: true }).check()
      await settled(page)
      expect(await decision(page)).toBe('BLOCK')
      await page.getByLabel('Code freeze', { exact: true }).uncheck()
      await page.locator('[data-policy=require_approval] input[type=checkbox]').check()
      await settled(page)
      expect(await decision(page)).toBe('HOLD')
    })
  })

  it('gives each incident of the page the verdict that the page says', async () => {
    await on('/', {}, async (page) => {
      for (const article of await page.locator('#incidents article').all()) {
        const policy = await article.locator('.verdict code').first().textContent()
        await article.getByRole('link', { name: 'Try it' }).click()
        await settled(page)
        expect(await decision(page)).toBe('BLOCK')
        expect(await page.locator(`[data-policy=${policy}] .said`).textContent()).toContain('deny')
      }
    })
  })

  it('can be used by keyboard alone', async () => {
    await on('/', {}, async (page) => {
      const reach = async (selector: string) => {
        for (let i = 0; i < 120; i++) {
          if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return
          await page.keyboard.press('Tab')
        }
        throw new Error(`\`${selector}\` cannot be reached`)
      }
      await reach('input[name=scene]')
      await page.keyboard.press('ArrowRight')
      await settled(page)
      expect(await page.locator('input[name=scene]:checked').getAttribute('value')).toBe(SCENES[1]!.id)
      await reach('[data-field=branch]')
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.type('main')
      await settled(page)
      expect(await decision(page)).toBe('BLOCK')
      await reach('[data-policy=require_branch_prefix] input[type=checkbox]')
      await page.keyboard.press('Space')
      await reach('[data-policy=dont_push_to_main] ~ li details summary, .papers summary')
      await page.keyboard.press('Enter')
      expect(await page.locator('.papers details[open]').count()).toBe(1)
      await reach('#controls button')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.locator('#controls output', { hasText: '1 BLOCK' }).waitFor()
      await reach('#controls input[type=range]')
      await page.keyboard.press('End')
      await page.locator('#screen', { hasText: 'checks held' }).waitFor()
    })
  })

  it('is not stopped by hostile input: nested comments, endless parentheses, 64 KB, 2 MB', async () => {
    await on('/', {}, async (page) => {
      for (const text of ['/*'.repeat(32_768), `SELECT ${'('.repeat(60_000)}`, `SELECT '${'x'.repeat(65_000)}'`, 'x'.repeat(2 * KB * KB)]) {
        expect(['BLOCK', 'REFUSED', 'PASS']).toContain(await judge(page, 'sql', text))
        expect(await judge(page, 'sql', 'DELETE FROM customers')).toBe('BLOCK')
      }
      expect(await judge(page, 'shell', `git push ${'$('.repeat(2_000)}`)).toBe('BLOCK')
    })
  })

  it('ends a worker that hangs, says so, and starts anew', async () => {
    const visited = await visit({ url: edge.url, browser })
    const { page } = visited
    const hanging = `self.onmessage = () => { for (;;) {} }; self.postMessage({ kind: 'ready', cards: [] })`
    await page.route('**/app/playground.js', (route) => route.fulfill({ contentType: 'text/javascript', body: hanging }))
    await page.goto('/')
    await page.getByRole('button', { name: 'Judge' }).click()
    await settled(page)
    expect(await page.locator('.headline').textContent()).toContain('took longer than 2 s')
    await page.unroute('**/app/playground.js')
    expect(await judge(page, 'sql', 'DELETE FROM customers')).toBe('BLOCK')
    await visited.close()
  })

  it('executes nothing that is typed, into whatever field', async () => {
    await on('/', {}, async (page) => {
      for (const { id } of SCENES) {
        await page.locator(`input[name=scene][value=${id}]`).check()
        await settled(page)
        for (const text of hostileStrings().slice(0, 12)) {
          for (const field of await page.locator('#board :is([data-field], [data-param], #pg-role, #pg-clearance)').all())
            await field.fill(text)
          await settled(page)
        }
        expect(await page.locator('#board :is(script, img, iframe, svg, object)').count()).toBe(0)
      }
    })
  })

  it('violates no policy in the worker either, where nobody would see it', async () => {
    const visited = await visit({ url: edge.url, browser })
    const { page } = visited
    await page.addInitScript(() => {
      new BroadcastChannel('violations').addEventListener('message', ({ data }) => console.error(String(data)))
    })
    // The deepest import runs first, so that whichever file probes is heard.
    const ears = `self.heard ??= (self.addEventListener('securitypolicyviolation', (event) => new BroadcastChannel('violations').postMessage('worker: ' + event.violatedDirective)), true);`
    await page.route('**/app/*.js', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: `${ears}\n${await response.text()}` })
    })
    await page.goto('/')
    expect(await judge(page, 'sql', 'DELETE FROM customers')).toBe('BLOCK')
    expect(await judge(page, 'json', '{"branch":"main"}')).toBe('BLOCK')
    expect(visited.wrongs).toEqual([])
    await visited.close()
  })

  it('asks for nothing but its own files', async () => {
    await on('/', {}, async (page) => {
      await page.waitForLoadState('networkidle')
      const asked: string[] = []
      page.on('request', (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname.replace(/-[A-Z0-9]{8}\./, '.')}`))
      expect(await judge(page, 'sql', 'SELECT 1')).toBe('PASS')
      expect(new Set(asked.filter((one) => !one.startsWith('GET /app/part-')))).toEqual(
        new Set(['GET /app/playground.js', 'GET /app/libpg-query.wasm'])
      )
    })
  })
})

describe('the demo', () => {
  it('plays from its first line to its last, can be paused, and gives the whole text back', async () => {
    await on('/', { motion: 'no-preference' }, async (page) => {
      const whole = await page.locator('#screen').textContent()
      await page.clock.install()
      await page.getByRole('button', { name: 'Play', exact: true }).click()
      await page.getByRole('button', { name: 'Pause' }).waitFor()
      expect((await page.locator('#screen').textContent())!.length).toBeLessThan(whole!.length)
      await page.getByRole('button', { name: 'Pause' }).click()
      for (let act = 0; act < 5; act++) await page.getByRole('button', { name: 'Next act' }).click()
      await page.locator('#screen', { hasText: 'checks held' }).waitFor()
      expect((await page.locator('#screen').textContent())!.trimEnd()).toBe(whole)
      await page.getByRole('button', { name: 'Previous act' }).click()
      expect(await page.locator('#screen').textContent()).not.toContain('checks held')
      await page.getByRole('button', { name: 'Whole text' }).click()
      expect(await page.locator('#screen').textContent()).toBe(whole)
    })
  })

  it('steps instead of moving for whoever wants no motion', async () => {
    await on('/', { motion: 'reduce' }, async (page) => {
      await page.getByRole('button', { name: 'Play', exact: true }).click()
      await page.locator('#controls output', { hasText: '1 BLOCK' }).waitFor()
      expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0)
    })
  })
})
