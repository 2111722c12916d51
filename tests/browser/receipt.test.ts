// One receipt in a real browser over a real edge: read, verified, taken back, shared.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

async function openReceipt(id: string, given: Parameters<typeof visit>[1] = {}, more = ''): Promise<Visit> {
  const opened = await visit(world, { key: world.admin, ...given })
  opened.page.setDefaultTimeout(15_000)
  await opened.page.goto(`/app/receipt?id=${id}${more}`)
  await opened.page.locator('h1').first().waitFor()
  return opened
}

const headline = (page: Page) => page.locator('h1').first().innerText()
const proofOf = (page: Page) => page.locator('.proof-head [role="status"]')
const verified = (page: Page) => expect.poll(() => proofOf(page).innerText(), { timeout: 15_000 }).toContain('Verified here')
const stepsOf = async (page: Page) => (await page.locator('.proof li').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '))

describe('a receipt', () => {
  it.each([
    ['deleted', 'Deleted 5 rows from customers', 'Chidi Tanaka'],
    ['deleteBlocked', 'Blocked: delete_row on customers', 'Nothing: it was stopped before anything was done.'],
    ['pushBlocked', 'Blocked: agent_pr_workflow on myorg/app → main', 'push to a branch of your own'],
    ['pullRequest', 'Opened pull request #1 in myorg/app', 'export const MAX_BYTES'],
    ['updated', 'Changed 1 row of customers', 'they signed the contract'],
    ['undoneBy', 'Rolled back delete_row', 'takes back']
  ] as const)('%s says what happened, and what of', async (name, sentence, detail) => {
    const { page, wrongs, close } = await openReceipt(scene[name])
    expect(await headline(page)).toBe(sentence)
    expect(await page.locator('main').innerText()).toContain(detail)
    await verified(page)
    await expectAccessible(page)
    expect(await shiftOf(page)).toBe(0)
    expect(wrongs).toEqual([])
    await close()
  })

  it('marks the columns that changed, and shows the human wait', async () => {
    const { page, close } = await openReceipt(scene.updated)
    expect(await page.locator('.diff .minus mark').allInnerTexts()).toEqual(['"mrr": "42.00"', '"plan": "free"'])
    expect(await page.locator('.diff .plus mark').allInnerTexts()).toEqual(['"mrr": "99.00"', '"plan": "business"'])
    expect(await page.locator('.timeline').innerText()).toContain('approval: ops@acme.dev')
    await close()
  })

  it('has its revisions, the newest first in line', async () => {
    const { page, wrongs, close } = await openReceipt(scene.undone)
    expect(await page.locator('.receipt-title .badge').innerText()).toContain('Rolled back')
    await page.getByRole('navigation', { name: 'Revisions' }).getByRole('link', { name: '0' }).click()
    await page.getByText('Not the newest').waitFor()
    expect(await page.locator('.receipt-title .badge').innerText()).toContain('Passed')
    await expect.poll(() => proofOf(page).innerText()).toContain('Verified')
    await page.goBack()
    await expect.poll(() => page.locator('.receipt-title .badge').innerText()).toContain('Rolled back')
    expect(wrongs).toEqual([])
    await close()
  })

  it('that is not there says so', async () => {
    const { page, close } = await openReceipt('01a00000-0000-7000-8000-000000000000')
    await page
      .getByRole('alert')
      .getByText(/there is no receipt/)
      .waitFor()
    await expectAccessible(page)
    await close()
  })

  it('that was erased says who erased it, and where it stood', async () => {
    const { run_id } = (await run(world, 'delete_row', { table: 'customers', where: { id: 44 } })) as { run_id: string }
    await world.api('DELETE', `/receipts/${run_id}`, { reason: 'asked for by the person' })
    const { page, wrongs, close } = await openReceipt(run_id)
    expect(await headline(page)).toBe('This receipt was erased')
    await expectAccessible(page)
    await page.getByRole('link', { name: /who erased it/ }).click()
    await expect.poll(() => headline(page)).toContain('Erased')
    expect(wrongs).toEqual([])
    await close()
  })

  it('gives its raw JSON, word for word', async () => {
    const { page, close } = await openReceipt(scene.deleted)
    await page.getByText('Raw JSON').click()
    const shown = JSON.parse(await page.getByRole('region', { name: 'Raw JSON of the receipt' }).innerText()) as unknown
    expect(shown).toEqual(await world.api('GET', `/receipts/${scene.deleted}`))
    await close()
  })
})

describe('the proof', () => {
  it('is checked in the browser, step by step', async () => {
    const { page, wrongs, close } = await openReceipt(scene.deleted)
    await verified(page)
    const steps = await stepsOf(page)
    for (const name of ['Receipt', 'Ed25519', 'Leaf', 'Checkpoint', 'Inclusion'])
      expect(steps.find((step) => step.includes(name))).toMatch(/^✓/)
    expect(steps.find((step) => step.includes('HMAC-SHA256'))).toMatch(/^– HMAC-SHA256 not checked/)
    await page.keyboard.press('v')
    await verified(page)
    expect(wrongs).toEqual([])
    await close()
  })

  /** What the server would answer, changed on its way. */
  async function tampered(change: (text: string) => string, path = `**/receipts/${scene.deleted}`): Promise<string[]> {
    const { page, close } = await visit(world, { key: world.admin })
    await page.route(path, async (route) => {
      const answer = await route.fetch()
      const text = await answer.text()
      const changed = change(text)
      expect(changed).not.toBe(text)
      await route.fulfill({ response: answer, body: changed })
    })
    await page.goto(`/app/receipt?id=${scene.deleted}`)
    await expect.poll(() => proofOf(page).innerText(), { timeout: 15_000 }).toContain('Does not verify')
    const steps = await stepsOf(page)
    await close()
    return steps.filter((step) => step.startsWith('✕'))
  }

  it('fails where one byte of the receipt was changed: signature and leaf both', async () => {
    const failed = await tampered((text) => text.replace('Chidi Tanaka', 'Chidi Tanakb'))
    expect(failed.some((step) => step.includes('Ed25519'))).toBe(true)
    expect(failed.some((step) => step.includes('Leaf'))).toBe(true)
  })

  it('fails where the decision was changed', async () => {
    expect((await tampered((text) => text.replace('"decision":"PASS"', '"decision":"BLOCK"'))).join()).toContain(
      'it was changed after it was signed'
    )
  })

  it('fails where a member was added', async () => {
    expect(await tampered((text) => text.replace('{', '{"note":"trust me",'))).not.toEqual([])
  })

  it('fails where the signature is another’s', async () => {
    const failed = await tampered((text) =>
      text.replace(/"sig":"(.)(?=[\w-]{85}")/, (_, first: string) => `"sig":"${first === 'A' ? 'B' : 'A'}`)
    )
    expect(failed.some((step) => step.includes('Ed25519'))).toBe(true)
  })

  it('fails where the inclusion path was changed', async () => {
    const failed = await tampered(
      (text) => text.replace(/"path":\["(.)/, (whole, digit: string) => whole.slice(0, -1) + (digit === '0' ? '1' : '0')),
      `**/receipts/${scene.deleted}/proof`
    )
    expect(failed.join()).toContain('Inclusion')
  })

  it('fails where the checkpoint counts otherwise', async () => {
    const failed = await tampered(
      (text) => text.replace(/(enact\.ledger\/acme\\n)(\d+)/, (_, name: string, size: string) => name + String(Number(size) + 1)),
      `**/receipts/${scene.deleted}/proof`
    )
    expect(failed.join()).toContain('Checkpoint')
  })

  it('says so where the browser has no Ed25519', async () => {
    const { page, close } = await visit(world, { key: world.admin })
    await page.addInitScript(() => {
      const real = crypto.subtle.importKey.bind(crypto.subtle) as (...given: unknown[]) => Promise<CryptoKey>
      crypto.subtle.importKey = ((...given: unknown[]) =>
        (given[2] as { name?: string }).name === 'Ed25519'
          ? Promise.reject(new DOMException('no', 'NotSupportedError'))
          : real(...given)) as never
    })
    await page.goto(`/app/receipt?id=${scene.deleted}`)
    await expect.poll(async () => (await stepsOf(page)).join()).toContain('this browser cannot check Ed25519')
    expect(await proofOf(page).innerText()).not.toContain('Verified here')
    await close()
  })
})

describe('rolling back', () => {
  it('looks first, by keyboard alone, then does it, and links both ways', async () => {
    const { run_id } = (await run(world, 'delete_row', { table: 'customers', where: { id: 7 } })) as { run_id: string }
    const { page, wrongs, close } = await openReceipt(run_id)
    await page.getByText('back to the activity').waitFor()
    await page.keyboard.press('u')
    const dialog = page.getByRole('dialog', { name: 'Roll back delete_row' })
    await dialog.getByText('Will be undone').first().waitFor()
    expect((await world.api('GET', `/receipts/${run_id}`)).links.rolled_back_by).toBeUndefined()
    await expectAccessible(page)
    await shoot(page, 'receipt-rollback-plan')
    await dialog.getByRole('button', { name: 'Roll back 1 step' }).focus()
    await page.keyboard.press('Enter')
    await dialog.getByText('Rolled back: everything is as it was.').last().waitFor()
    await expectAccessible(page)
    await shoot(page, 'receipt-rollback-done')
    const original = await world.api('GET', `/receipts/${run_id}`)
    await page.keyboard.press('Escape')
    await expect.poll(() => page.locator('.receipt-title .badge').innerText()).toContain('Rolled back')
    await page.locator('.related li', { hasText: 'taken back by' }).getByRole('link').click()
    await expect.poll(() => headline(page)).toBe('Rolled back delete_row')
    expect(new URL(page.url()).searchParams.get('id')).toBe(original.links.rolled_back_by)
    await page.getByRole('link', { name: 'delete_row', exact: true }).click()
    await expect.poll(() => new URL(page.url()).searchParams.get('id')).toBe(run_id)
    expect(wrongs).toEqual([])
    await close()
  })

  it('says what is in conflict, and does not offer what cannot be done', async () => {
    const { page, wrongs, close } = await openReceipt(scene.conflicting)
    await page.getByRole('button', { name: 'Roll back…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Their newer work is never overwritten', { exact: false }).waitFor()
    expect(await dialog.locator('.plan li').first().innerText()).toContain('Conflict')
    expect(await dialog.getByRole('button', { name: 'Nothing can be undone' }).isDisabled()).toBe(true)
    await shoot(page, 'receipt-rollback-conflict')
    await expectAccessible(page)
    expect(wrongs).toEqual([])
    await close()
  })

  it('puts what cannot be undone first', async () => {
    const { page, close } = await openReceipt(scene.pullRequest)
    await page.getByRole('button', { name: 'Roll back…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.locator('.plan li').first().waitFor()
    expect(await dialog.locator('.plan li').count()).toBe(3)
    await close()
  })

  it('is not offered for what was blocked, nor to who may only read', async () => {
    const blocked = await openReceipt(scene.deleteBlocked)
    await verified(blocked.page)
    expect(await blocked.page.getByRole('button', { name: 'Roll back…' }).count()).toBe(0)
    await blocked.close()
    const reader = await openReceipt(scene.deleted, { key: world.approver })
    await verified(reader.page)
    expect(await reader.page.getByRole('button', { name: 'Roll back…' }).count()).toBe(0)
    await reader.close()
  })

  it('says in words why the server refuses', async () => {
    const { page, close } = await openReceipt(scene.deleted)
    await page.route('**/rollback', (route) =>
      route.fulfill({
        status: 409,
        contentType: 'application/problem+json',
        body: JSON.stringify({ code: 'signature_invalid', detail: 'the receipt does not verify: nothing was undone' })
      })
    )
    await page.getByRole('button', { name: 'Roll back…' }).click()
    await page.getByRole('alert').getByText('nothing that stands in it is executed', { exact: false }).waitFor()
    await expectAccessible(page)
    await close()
  })
})

describe('a shared receipt', () => {
  async function share(page: Page, parts: readonly string[]): Promise<string> {
    await page.getByRole('button', { name: 'Share…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Share this receipt' })
    for (const part of parts) await dialog.getByLabel(part, { exact: false }).check()
    await dialog.getByRole('button', { name: 'Make a link' }).click()
    const link = dialog.getByLabel('The link; it is shown this once')
    await link.waitFor()
    return link.inputValue()
  }

  it('shows a stranger what its maker chose, whether it verifies, and nothing once it is revoked', async () => {
    const maker = await openReceipt(scene.updated)
    const url = await share(maker.page, [])
    await shoot(maker.page, 'receipt-share')
    await expectAccessible(maker.page)
    const stranger = await visit(world, {})
    stranger.page.setDefaultTimeout(15_000)
    await stranger.page.goto(url)
    await stranger.page.getByText('Verifies', { exact: false }).first().waitFor()
    const text = await stranger.page.locator('main').innerText()
    for (const secret of ['ada.haddad', 'business', 'agent@company.com', 'ops@acme.dev', 'they signed']) expect(text).not.toContain(secret)
    expect(text).toContain('Changed rows of a table')
    expect(text).toContain('What it changed is hidden')
    expect(text).toMatch(/\d+ parts? hidden/)
    await expect.poll(async () => (await stepsOf(stranger.page)).filter((step) => step.startsWith('✓')).join()).toContain('Inclusion')
    await shoot(stranger.page, 'shared-desk-light')
    await expectAccessible(stranger.page)
    expect(stranger.wrongs).toEqual([])
    await maker.page.getByRole('button', { name: 'Revoke' }).first().click()
    await maker.page.getByText('Revoked').waitFor()
    await stranger.page.reload()
    await stranger.page.getByRole('heading', { name: 'This link shows nothing' }).waitFor()
    await expectAccessible(stranger.page)
    await shoot(stranger.page, 'shared-gone')
    expect(maker.wrongs).toEqual([])
    await stranger.close()
    await maker.close()
  })

  it('with everything shows rows and people', async () => {
    const maker = await openReceipt(scene.updated)
    const url = await share(maker.page, ['What was asked for', 'What changed', 'Who asked'])
    await maker.close()
    for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
      const { page, wrongs, close } = await visit(world, { size, theme: 'dark' })
      await page.goto(url)
      await page.getByText('they signed the contract').waitFor()
      await expect.poll(() => proofOf(page).innerText(), { timeout: 15_000 }).toContain('Verified')
      await expectNoOverflow(page)
      await expectAccessible(page)
      await shoot(page, `shared-${size}-dark`)
      expect(wrongs).toEqual([])
      await close()
    }
  })

  it('does not verify where the server’s answer was changed', async () => {
    const maker = await openReceipt(scene.deleted)
    const url = await share(maker.page, [])
    await maker.close()
    const { page, close } = await visit(world, {})
    await page.route('**/shared', async (route) => {
      if (route.request().method() !== 'POST') return route.continue()
      const answer = await route.fetch()
      const body = (await answer.json()) as { proof: { path: string[] } }
      body.proof.path[0] = body.proof.path[0]!.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
      await route.fulfill({ response: answer, json: body })
    })
    await page.goto(url)
    await expect.poll(() => proofOf(page).innerText(), { timeout: 15_000 }).toContain('Does not verify')
    await close()
  })
})

describe('seen', () => {
  const cases = Object.keys(SIZES).flatMap((size) =>
    THEMES.flatMap((theme) => (['deleted', 'updated', 'pushBlocked', 'pullRequest'] as const).map((name) => [name, size, theme] as const))
  )
  it.each(cases)('%s on %s, %s: nothing for axe, nothing sideways', async (name, size, theme) => {
    const { page, wrongs, close } = await openReceipt(scene[name], { size: size as keyof typeof SIZES, theme })
    await verified(page)
    await expectNoOverflow(page)
    await shoot(page, `receipt-${name}-${size}-${theme}`)
    await expectAccessible(page)
    expect(wrongs).toEqual([])
    await close()
  })
})

describe('hostile texts', () => {
  it('in every field run nothing and break nothing, for who has a key and for who has a link', async () => {
    const ids = await pushHostile(world, 6)
    for (const id of ids) {
      for (const size of Object.keys(SIZES) as (keyof typeof SIZES)[]) {
        const { page, wrongs, close } = await openReceipt(id, { size })
        await verified(page)
        for (const fold of await page.locator('details.fold > summary').all()) if (await fold.isVisible()) await fold.click()
        await expectNoOverflow(page)
        expect(await page.locator('main a[href^="javascript:" i], main img, main script, main iframe').count()).toBe(0)
        expect(wrongs).toEqual([])
        await close()
      }
      const { url } = (await world.api('POST', `/receipts/${id}/shares`, {
        expires_in_seconds: 3_600,
        show: ['payload', 'outputs', 'people']
      })) as { url: string }
      const { page, wrongs, close } = await visit(world, { size: 'phone' })
      await page.goto(url)
      await expect.poll(() => proofOf(page).innerText(), { timeout: 15_000 }).toContain('Verified')
      await expectNoOverflow(page)
      expect(wrongs).toEqual([])
      await close()
    }
  })
})
