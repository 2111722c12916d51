// Setting up in a real browser: the claim of a fresh installation by keyboard alone, its checklist, and an installation that refuses to serve.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEdge, type LocalEdge } from '../../src/cli/local/edge.ts'
import { fill, lookAt, press, sees } from './look.ts'
import { SECRET, startBrowser, visit } from './world.ts'

const folder = mkdtempSync(join(tmpdir(), 'enact-setup-'))
let edge: LocalEdge
let browser: Browser

beforeAll(async () => {
  const variables = { ENACT_SECRET: SECRET, ENACT_RATE_SCALE: '1000' }
  edge = await startEdge({ port: 0, state: join(folder, 'state'), variables, devVars: false, watch: false, onLog: () => undefined })
  browser = await startBrowser()
})

afterAll(async () => {
  await browser?.close()
  await edge?.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
})

describe('a fresh installation', () => {
  it('shows how to claim it, at every width', async () => {
    await lookAt({ url: edge.url, browser }, { path: '/app/setup', name: 'setup-fresh', ready: 'Claim this installation' })
  })

  it('is claimed with its secret alone; the key is shown once, signs in, and stays nowhere', async () => {
    const seen = await visit({ url: edge.url, browser })
    const { page } = seen
    try {
      await page.goto('/app/setup')
      await sees(page, 'Claim this installation')
      await fill(page, /^ENACT_SECRET/, 'not the secret at all, but long enough to be one')
      await fill(page, /^Team/, 'acme')
      await press(page, /^Make the team$/)
      await sees(page, 'this is not the ENACT_SECRET of this installation')
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText(SECRET)
      await fill(page, /^Team/, 'Not An Id')
      await press(page, /^Make the team$/)
      await sees(page, /must be 1 to 63 of a-z/)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText('acme')
      await press(page, /^Make the team$/)
      const key = await page.getByLabel('Admin key').inputValue()
      expect(key).toMatch(/^enact_live_/)
      await press(page, /^I stored it: sign in$/)
      await sees(page, 'A second admin key')
      const left = await page.evaluate(() => JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, history.state]))
      expect(left).not.toContain('enact_live')
      expect(left).not.toContain(SECRET)
      expect(await page.content()).not.toContain(key)
      expect(seen.wrongs).toEqual([])
    } finally {
      await seen.close()
    }
  })

  it('cannot be claimed twice', async () => {
    await lookAt({ url: edge.url, browser }, { path: '/app/setup', name: 'setup-claimed', ready: 'This installation is set up' })
  })
})

describe('an installation that refuses to serve', () => {
  it('shows its refusal and what to do', async () => {
    const refusal = 'ENACT_SECRET is not set: `npx wrangler secret put ENACT_SECRET` <img src=x onerror=alert(1)>'
    const refuse = (page: Page) =>
      page.route('**/setup', (route) =>
        route.request().resourceType() === 'document' ? route.continue() : route.fulfill({ json: { claimed: false, refusal } })
      )
    const seen = await visit({ url: edge.url, browser }, { size: 'phone' })
    try {
      await refuse(seen.page)
      await seen.page.goto('/app/setup')
      await sees(seen.page, 'This installation refuses to serve')
      await sees(seen.page, /<img src=x onerror/)
      expect(await seen.page.locator('main img').count()).toBe(0)
      expect(seen.wrongs).toEqual([])
    } finally {
      await seen.close()
    }
  })
})
