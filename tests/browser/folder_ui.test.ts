// `enact ui` in a real Chromium: the same pages over a folder, with and without the secret, and with files that are not whole.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fileReceipts } from '../../src/adapters/receipts/index.ts'
import { startFolderUi, type FolderUi } from '../../src/cli/ui/server.ts'
import { runId } from '../adapters/receipt_samples.ts'
import { filledFolder, freshFolder, SECRET, signed } from '../cli/receipts_cli.ts'
import { sees } from './look.ts'
import { expectAccessible, expectNoOverflow, shoot, SIZES, startBrowser, visit } from './world.ts'

const publicDir = join(import.meta.dirname, '..', '..', 'public')
let browser: Browser
const started: FolderUi[] = []
beforeAll(async () => void (browser = await startBrowser()))
afterAll(() => Promise.all([browser.close(), ...started.map((ui) => ui.stop())]))

async function serve(dir: string, secret: string | null): Promise<{ url: string; browser: Browser }> {
  const secrets: [string] | null = secret === null ? null : [secret]
  const ui = await startFolderUi({ dir, publicDir, port: 0, trust: { secrets, keys: [] }, onBug: (error) => expect.fail(String(error)) })
  started.push(ui)
  return { url: ui.url, browser }
}

describe.each(Object.keys(SIZES) as (keyof typeof SIZES)[])('on a %s', (size) => {
  it('shows receipts, follows new ones, verifies with the secret, and offers nothing that a folder has not', async () => {
    const { dir } = await filledFolder(3)
    const world = await serve(dir, SECRET)
    const { page, wrongs, close } = await visit(world, { size })
    await page.goto('/')
    await sees(page, 'agent_pr_workflow')
    expect(new URL(page.url()).pathname).toBe('/app/')
    await fileReceipts(dir).append('acme', await signed(3, { workflow: 'later_workflow' }))
    await sees(page, 'later_workflow')
    expect(await page.getByRole('link', { name: /^(Approvals|Policies|Agents|Locks|Webhooks|Exports|Settings)$/ }).count()).toBe(0)
    await expectAccessible(page)
    await expectNoOverflow(page)
    await shoot(page, `folder-activity-${size}`)
    await page.goto(`/app/receipt?id=${runId(1)}`)
    await sees(page, 'Verified here')
    await sees(page, 'checked with the secret')
    await expectAccessible(page)
    await expectNoOverflow(page)
    await shoot(page, `folder-receipt-${size}`)
    expect(wrongs).toEqual([])
    await close()
  })

  it('tells what is not whole, and says of a receipt without the secret what was not checked', async () => {
    const { dir } = await filledFolder(3)
    const file = join(dir, `${runId(1)}.0.json`)
    await writeFile(file, (await readFile(file, 'utf8')).replace('"PASS"', '"BLOCK"'))
    const { page, wrongs, close } = await visit(await serve(dir, null), { size })
    await page.goto('/app/')
    await sees(page, 'changed since it was appended')
    await expectAccessible(page)
    await expectNoOverflow(page)
    await shoot(page, `folder-damaged-${size}`)
    await page.goto(`/app/receipt?id=${runId(1)}`)
    await sees(page, 'Does not verify')
    await page.goto(`/app/receipt?id=${runId(0)}`)
    await sees(page, 'needs ENACT_SECRET')
    await shoot(page, `folder-unproven-${size}`)
    expect(wrongs).toEqual([])
    await close()
  })

  it('an empty folder says how the first receipt comes into it', async () => {
    const { page, wrongs, close } = await visit(await serve(await freshFolder(), null), { size })
    await page.goto('/app/')
    await sees(page, 'fileReceipts')
    await expectAccessible(page)
    await expectNoOverflow(page)
    await shoot(page, `folder-empty-${size}`)
    expect(wrongs).toEqual([])
    await close()
  })
})
