// The list of decisions in a real browser over a real edge: searched, followed, exported, by mouse and by keyboard.
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readExport } from '../../src/cli/receipts/export_format.ts'
import { checkEvidence } from '../../src/cli/receipts/check.ts'
import { playScene, pushHostile, run, type Scene } from './scene.ts'
import { expectAccessible, expectNoOverflow, shiftOf, shoot, SIZES, startWorld, THEMES, visit, type Visit, type World } from './world.ts'

let world: World
let scene: Scene

beforeAll(async () => {
  world = await startWorld()
  scene = await playScene(world)
})

afterAll(async () => {
  await world?.close()
})

/** The list, loaded and at rest. */
async function openList(given: Parameters<typeof visit>[1] = {}, path = '/app/'): Promise<Visit> {
  const opened = await visit(world, { key: world.admin, ...given })
  opened.page.setDefaultTimeout(15_000)
  await opened.page.goto(path)
  await opened.page.locator('.feed tbody tr, .empty').first().waitFor()
  return opened
}

const rows = (page: Page) => page.locator('.feed tbody tr')
const wordsOf = async (page: Page) =>
  (await page.locator('.feed .decision .badge').allInnerTexts()).map((text) => text.replace(/^[✓✕◔↺·]\s*/u, ''))

describe('with nothing in it yet', () => {
  it('says how the first receipt is made, at this very address', async () => {
    const { key } = (await world.api('POST', '/teams', { team_id: 'fresh' })) as { key: string }
    const { page, wrongs, close } = await openList({ key })
    await page.getByRole('heading', { name: 'No receipts yet' }).waitFor()
    expect(await page.locator('pre.code').innerText()).toContain(`curl ${world.url}/runs`)
    await expectAccessible(page)
    await shoot(page, 'activity-nothing')
    expect(wrongs).toEqual([])
    await close()
  })
})

describe('the list', () => {
  it('shows every decision with what it was about, who asked, why and how long it took, waiting ones on top', async () => {
    const { page, wrongs, close } = await openList()
    await page.getByText('Waiting').first().waitFor()
    const first = await rows(page).first().innerText()
    expect(first).toContain('Waiting')
    const all = await page.locator('.feed tbody').innerText()
    for (const text of [
      'customers · 5 rows',
      'myorg/app #1',
      'dont_push_to_main',
      'dont_delete_without_where',
      'agent@company.com',
      'Rolled back',
      'approved by ops@acme.dev'
    ])
      expect(all).toContain(text)
    expect(await page.locator('.totals').innerText()).toMatch(/^\d+ receipts · 2 blocked · 1 waiting$/)
    expect(await page.locator('.bars svg rect').count()).toBeGreaterThan(0)
    expect(wrongs).toEqual([])
    await close()
  })

  it('says that the chain was verified, after this browser has verified it', async () => {
    const { page, wrongs, close } = await openList()
    await world.api('GET', `/receipts/${scene.deleted}/proof`)
    await page.reload()
    await page.getByText(/Live · chain verified \d\d:\d\d/).waitFor()
    expect(wrongs).toEqual([])
    await close()
  })

  it('says so where the chain does not verify', async () => {
    const { page, close } = await visit(world, { key: world.admin })
    await page.route('**/checkpoints?*', async (route) => {
      const answer = await route.fetch()
      const body = (await answer.json()) as { data: { note: string }[] }
      for (const one of body.data) one.note = one.note.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`)
      await route.fulfill({ response: answer, json: body })
    })
    await page.goto('/app/')
    await page.getByText(/Chain broken/).waitFor()
    await close()
  })
})

describe('a search', () => {
  it('stands in the address, survives a reload, and Back goes back', async () => {
    const { page, wrongs, close } = await openList()
    const box = page.getByRole('combobox', { name: 'Search receipts' })
    await box.fill('decision:block')
    await box.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('decision:block')
    await expect.poll(() => wordsOf(page)).toEqual(['Blocked', 'Blocked'])
    await page.getByRole('button', { name: '24 hours' }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('decision:block since:24h')
    await page.reload()
    await expect.poll(() => wordsOf(page)).toEqual(['Blocked', 'Blocked'])
    expect(await box.inputValue()).toBe('decision:block since:24h')
    await page.goBack()
    await expect.poll(() => box.inputValue()).toBe('decision:block')
    await page.goBack()
    await expect.poll(() => box.inputValue()).toBe('')
    await expect.poll(async () => (await wordsOf(page)).length).toBeGreaterThan(5)
    expect(wrongs).toEqual([])
    await close()
  })

  it.each([
    ['decision:held', 1, 'Waiting'],
    ['workflow:rollback:*', 1, ''],
    ['policy:dont_push_to_main', 1, 'dont_push_to_main'],
    ['trial-expired', 1, 'customers · 5 rows'],
    ['system:github decision:pass', 1, 'myorg/app'],
    ['-agent:agent@company.com decision:block', 0, '']
  ])('%s finds %i', async (q, count, text) => {
    const { page, close } = await openList({}, `/app/?q=${encodeURIComponent(q)}`)
    if (count === 0) await page.getByRole('heading', { name: 'Nothing matches' }).waitFor()
    else await expect.poll(() => rows(page).count()).toBe(count)
    if (text !== '') expect(await rows(page).first().innerText()).toContain(text)
    await close()
  })

  it('that cannot be read names the word that is wrong, and asks nothing', async () => {
    const { page, wrongs, close } = await openList()
    const box = page.getByRole('combobox', { name: 'Search receipts' })
    await box.fill('decision:maybe customers')
    await box.press('Enter')
    const said = page.locator('.search-wrong')
    await expect.poll(() => said.innerText()).toContain('decision:maybe')
    expect(new URL(page.url()).search).toBe('')
    await expectAccessible(page)
    expect(wrongs).toEqual([])
    await close()
  })

  it('that finds nothing says which part to leave out', async () => {
    const { page, wrongs, close } = await openList({}, '/app/?q=decision:block+zzzz')
    await page.getByRole('heading', { name: 'Nothing matches' }).waitFor()
    await shoot(page, 'activity-no-match')
    await page.getByRole('button', { name: /Leave out zzzz/ }).click()
    await expect.poll(() => wordsOf(page)).toEqual(['Blocked', 'Blocked'])
    expect(wrongs).toEqual([])
    await close()
  })

  it('is offered while one types, and taken by keyboard alone', async () => {
    const { page, wrongs, close } = await openList()
    await page.keyboard.press('/')
    await page.keyboard.type('dec')
    await page.getByRole('option', { name: /decision:/ }).waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.type('bl')
    await shoot(page, 'activity-offers')
    await expectAccessible(page)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('decision:block')
    expect(wrongs).toEqual([])
    await close()
  })

  it('is narrowed to a bar by keyboard', async () => {
    const { page, wrongs, close } = await openList()
    const bar = page.locator('.bars-keys button').last()
    await page.locator('.bars-keys button[tabindex="0"]').focus()
    await page.keyboard.press('End')
    await expect.poll(() => bar.evaluate((button) => document.activeElement === button)).toBe(true)
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toMatch(/^since:\S+Z until:\S+Z$/)
    expect(wrongs).toEqual([])
    await close()
  })

  it('is kept under a name', async () => {
    const { page, wrongs, close } = await openList({}, '/app/?q=decision:block')
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.getByLabel('Name').fill('What was stopped')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.goto('/app/')
    await page.getByRole('button', { name: 'What was stopped', exact: true }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('decision:block')
    await page.getByRole('button', { name: 'Forget the view What was stopped' }).click()
    expect(await page.getByRole('group', { name: 'Saved views' }).count()).toBe(0)
    expect(wrongs).toEqual([])
    await close()
  })
})

describe('the keyboard alone', () => {
  it('goes through the rows and opens one', async () => {
    const { page, wrongs, close } = await openList({}, '/app/?q=decision:block')
    await expect.poll(() => rows(page).count()).toBe(2)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await page.keyboard.press('j')
    expect(
      await rows(page)
        .nth(1)
        .locator('a')
        .evaluate((link) => document.activeElement === link)
    ).toBe(true)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/app\/receipt\?id=/)
    await page.getByText('back to the activity').waitFor()
    await page.keyboard.press('b')
    await page.waitForURL(/\/app\/$/)
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Keys' }).waitFor()
    await page.keyboard.press('Escape')
    expect(wrongs).toEqual([])
    await close()
  })
})

describe('what happens meanwhile', () => {
  it('comes in by itself, and moves nothing', async () => {
    const { page, wrongs, close } = await openList()
    await page.getByText(/Live/).first().waitFor()
    const before = await rows(page).count()
    await shiftOf(page)
    const settled = await shiftOf(page)
    await run(world, 'delete_row', { table: 'customers', where: {} })
    await expect.poll(() => rows(page).count(), { timeout: 15_000 }).toBe(before + 1)
    expect(await rows(page).nth(1).innerText()).toContain('Blocked')
    expect((await shiftOf(page)) - settled).toBe(0)
    expect(wrongs).toEqual([])
    await close()
  })

  it.each(['desk', 'phone'] as const)('moves nothing from the first paint on (%s)', async (size) => {
    const { page, close } = await openList({ size })
    await page.getByText(/Live · chain verified/).waitFor()
    await run(world, 'delete_row', { table: 'customers', where: {} })
    const count = await rows(page).count()
    await expect.poll(() => rows(page).count(), { timeout: 15_000 }).toBe(count + 1)
    expect(await shiftOf(page)).toBe(0)
    await close()
  })

  it('waits for a click while somebody reads', async () => {
    const { page, wrongs, close } = await openList()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const focused = await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href)
    const before = await rows(page).count()
    await run(world, 'delete_row', { table: 'customers', where: {} })
    const button = page.getByRole('button', { name: '1 new — show' })
    await button.waitFor({ timeout: 15_000 })
    expect(await rows(page).count()).toBe(before)
    expect(await page.evaluate(() => (document.activeElement as HTMLAnchorElement).href)).toBe(focused)
    await button.click()
    await expect.poll(() => rows(page).count()).toBe(before + 1)
    expect(wrongs).toEqual([])
    await close()
  })

  it('waits while it is paused', async () => {
    const { page, close } = await openList()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText(/^Paused/).waitFor()
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('changed_after')) asked.push(request.url())
    })
    const before = await rows(page).count()
    await run(world, 'delete_row', { table: 'customers', where: {} })
    await page.getByRole('button', { name: 'Go on' }).click()
    await expect.poll(() => rows(page).count(), { timeout: 15_000 }).toBe(before + 1)
    expect(asked.length).toBeGreaterThan(0)
    await close()
  })

  it('is amended in its place', async () => {
    const { page, close } = await openList({}, `/app/?q=${scene.inserted}`)
    await expect.poll(() => wordsOf(page)).toEqual(['Passed'])
    await world.api('POST', `/runs/${scene.inserted}/rollback`, {})
    // Its rollback, which names it, comes in above.
    await expect.poll(() => wordsOf(page), { timeout: 15_000 }).toEqual(['Undone', 'Rolled back'])
    await close()
  })
})

describe('an export', () => {
  async function exported(format: string, all: boolean, q = ''): Promise<{ text: string; name: string }> {
    const { page, wrongs, close } = await openList({}, `/app/?q=${q}`)
    await page.getByRole('button', { name: 'Export…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Export' })
    await dialog.getByLabel(format, { exact: false }).first().check()
    if (all) await dialog.getByLabel(/All that match/).check()
    const download = page.waitForEvent('download')
    await dialog.getByRole('button', { name: 'Export', exact: true }).click()
    const file = await download
    const text = readFileSync(await file.path(), 'utf8')
    await dialog.getByText(/receipts? in enact-acme/).waitFor()
    await expectAccessible(page)
    if (format === 'CSV') await shoot(page, 'activity-export')
    expect(wrongs).toEqual([])
    await close()
    return { text, name: file.suggestedFilename() }
  }

  it('as CSV has one row for each receipt that is shown, and no formula', async () => {
    const { text, name } = await exported('CSV', false, 'policy:dont_push_to_main')
    expect(name).toMatch(/^enact-acme-\d{4}-\d\d-\d\d\.csv$/)
    const lines = text.trim().split('\r\n')
    expect(lines).toHaveLength(2)
    expect(lines[1]).toContain(scene.pushBlocked)
    expect(lines[1]).toContain('dont_push_to_main')
    expect(text).not.toMatch(/(^|,)"?[=+@-]/m)
  })

  it.each(['NDJSON', 'JSON'])('as %s verifies offline with the keys in it', async (format) => {
    const { text } = await exported(format, true, 'decision:pass')
    const evidence = readExport(text, 'export')
    expect(evidence.items.length).toBeGreaterThan(3)
    const { ok, receipts } = await checkEvidence(evidence, { keys: evidence.keys, secrets: null })
    expect(receipts.flatMap(({ problems }) => problems)).toEqual([])
    expect(receipts.every(({ checks }) => checks.ed25519 === 'ok' && checks.leaf === 'ok' && checks.proof === 'ok')).toBe(true)
    expect(ok).toBe(true)
  })
})

describe('seen', () => {
  it.each(Object.keys(SIZES).flatMap((size) => THEMES.map((theme) => [size, theme] as const)))(
    '%s, %s: nothing for axe, nothing sideways',
    async (size, theme) => {
      const { page, wrongs, close } = await openList({ size: size as keyof typeof SIZES, theme })
      await page.getByText(/Live · chain verified/).waitFor()
      await expectNoOverflow(page)
      await shoot(page, `activity-${size}-${theme}`)
      await expectAccessible(page)
      await page.getByRole('button', { name: 'How to search' }).click()
      await page.getByRole('dialog', { name: 'How to search' }).waitFor()
      await expectAccessible(page)
      await expectNoOverflow(page)
      expect(wrongs).toEqual([])
      await close()
    }
  )
})

describe('hostile texts', () => {
  it('in every field of receipts run nothing and break nothing', async () => {
    await pushHostile(world)
    const { page, wrongs, close } = await openList()
    await page.waitForTimeout(0)
    await expect.poll(() => rows(page).count()).toBeGreaterThan(15)
    await expectNoOverflow(page)
    await shoot(page, 'activity-hostile')
    const box = page.getByRole('combobox', { name: 'Search receipts' })
    for (const text of ['<img src=x onerror=alert(1)>', '"><script>alert(2)</script>', 'workflow:"<svg/onload=alert(4)>"']) {
      await box.fill(text)
      await box.press('Enter')
      await page.locator('.feed tbody tr, .empty, .search-wrong:not(:empty)').first().waitFor()
    }
    expect(wrongs).toEqual([])
    await close()
  })
})
