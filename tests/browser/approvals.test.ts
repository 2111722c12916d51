// Approvals in a real browser: found, read, approved, denied, edited and handed on, with the keyboard alone; and by who may only look.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fill, lookAt, press, sees, tabTo, summon } from './look.ts'
import { hostileStrings, startWorld, visit, type Visit, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld('update_row,delete_row')
  await world.api('POST', '/people', { email: 'ana@acme.dev', name: 'Ana', roles: ['approver'], escalation_order: 1 })
})
afterAll(() => world?.close())

interface Asked {
  readonly hitl_id: string
  readonly run_id: string
}

/** An update that waits for a person. */
async function ask(data: object = { plan: 'free' }): Promise<Asked> {
  const payload = { table: 'customers', where: { id: 1 }, data }
  return (await world.api('POST', '/runs', { workflow: 'update_row', user_email: 'agent@company.com', payload }, world.agent)) as Asked
}

const stateOf = async (id: string) => String((await world.api('GET', `/hitl/${id}`)).status)

/** Opens a request as the approver, or with another key. */
async function open(id: string, key = world.approver): Promise<Visit> {
  const seen = await visit(world, { key })
  await seen.page.goto(`/app/approvals?id=${id}`)
  await seen.page.getByRole('heading', { level: 1 }).waitFor()
  return seen
}

/** Does it in a page, which must come out of it without a fault. */
async function within(seen: Visit, walk: (page: Page) => Promise<void>): Promise<void> {
  try {
    await walk(seen.page)
    expect(seen.wrongs).toEqual([])
  } finally {
    await seen.close()
  }
}

describe('the inbox', () => {
  it('teaches where nothing waits', async () => {
    await lookAt(world, { key: world.approver, path: '/app/approvals', name: 'approvals-empty', ready: 'Nothing waits for a person' })
  })

  it('shows what waits and what was decided, and keeps the rules of every page', async () => {
    const { hitl_id } = await ask()
    await ask({ plan: 'pro' })
    await world.api('POST', `/hitl/${hitl_id}/deny`, { reason: 'not on a Friday' }, world.approver)
    await lookAt(world, { key: world.approver, path: '/app/approvals', name: 'approvals', ready: 'Denied' })
  })

  it('is walked by j and Enter, and filters stand in the address', async () => {
    const seen = await visit(world, { key: world.approver })
    await within(seen, async (page) => {
      await page.goto('/app/approvals?status=DENIED')
      await sees(page, 'by ops@acme.dev')
      await page.keyboard.press('j')
      await page.keyboard.press('Enter')
      await page.waitForURL(/\?id=/)
      await sees(page, /Change 1 row of/)
    })
  })
})

describe('one request', () => {
  it('says what, why, what changes and whether it can be undone, at every width', async () => {
    const { hitl_id } = await ask()
    const path = `/app/approvals?id=${hitl_id}`
    await lookAt(world, { key: world.approver, path, name: 'approval', ready: 'Can be rolled back' })
    await lookAt(world, { key: world.admin, path, name: 'approval-looked-at', ready: 'never decides' })
    const act = (page: Page) => summon(page, 'e')
    await lookAt(world, { key: world.approver, path, name: 'approval-edit', ready: 'Can be rolled back', act })
  })

  it('is approved by keyboard alone, and its run goes on', async () => {
    const { hitl_id, run_id } = await ask()
    await within(await open(hitl_id), async (page) => {
      await press(page, /^Approve$/)
      await sees(page, 'Receipt of the decision')
    })
    expect(await stateOf(hitl_id)).toBe('APPROVED')
    expect((await world.api('GET', `/runs/${run_id}?wait=20`)).decision).toBe('PASS')
    const receipt = await world.api('GET', `/hitl/${hitl_id}/receipt`)
    expect(receipt.approval.votes).toMatchObject([{ by: 'ops@acme.dev', via: 'ui' }])
    await lookAt(world, {
      key: world.approver,
      path: `/app/approvals?id=${hitl_id}`,
      name: 'approval-approved',
      ready: 'Receipt of the run'
    })
  })

  it('is approved with a note by the key a', async () => {
    const { hitl_id } = await ask()
    await within(await open(hitl_id), async (page) => {
      await summon(page, 'a')
      await page.keyboard.insertText('they signed')
      await press(page, /^Approve$/)
      await sees(page, 'Receipt of the decision')
      await sees(page, /they signed/)
    })
    expect(await stateOf(hitl_id)).toBe('APPROVED')
  })

  it('is denied with a reason by the key d, and Esc takes the dialog back', async () => {
    const { hitl_id } = await ask()
    await within(await open(hitl_id), async (page) => {
      await summon(page, 'd')
      await page.keyboard.press('Escape')
      expect(await stateOf(hitl_id)).toBe('PENDING')
      await summon(page, 'd')
      await page.keyboard.insertText('wrong customer')
      await press(page, /^Deny$/)
      await sees(page, /wrong customer/)
    })
    expect(await stateOf(hitl_id)).toBe('DENIED')
  })

  it('is edited: what is no JSON is refused at the field, policies judge the rest, and it is approved as it is now', async () => {
    const { hitl_id, run_id } = await ask({ plan: 'business' })
    await within(await open(hitl_id), async (page) => {
      await summon(page, 'e')
      await fill(page, /Payload/, '{ "table": ')
      await press(page, /^Change it$/)
      await sees(page, /is no JSON/)
      // The field that is wrong has the focus now.
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText(JSON.stringify({ table: 'customers', where: { id: 1 }, data: { plan: 'team' } }))
      await press(page, /^Change it$/)
      await sees(page, 'An approver has changed what was asked for at first')
      await press(page, /^Approve$/)
      await sees(page, 'Receipt of the decision')
    })
    expect((await world.api('GET', `/runs/${run_id}?wait=20`)).receipt.actions_taken[0].output.after[0].plan).toBe('team')
  })

  it('is handed on to another registered approver, and the one who does is out', async () => {
    const { hitl_id } = await ask()
    await within(await open(hitl_id), async (page) => {
      await press(page, /^Hand on…$/)
      await fill(page, /^To/, 'nobody')
      await press(page, /^Hand on$/)
      await sees(page, /their e-mail address, as it is registered/)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText('ana@acme.dev')
      await press(page, /^Hand on$/)
      await sees(page, /is not among those who are asked/)
    })
  })
})

describe('what moves meanwhile', () => {
  it('says so where somebody else decided first', async () => {
    const { hitl_id } = await ask()
    await within(await open(hitl_id), async (page) => {
      // The page does not hear of it before its reader presses.
      await page.route('**/hitl/*/approve', (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()))
      await world.api('POST', `/hitl/${hitl_id}/deny`, {}, world.approver)
      await press(page, /^Approve$/)
      await sees(page, /It was decided meanwhile: DENIED by ops@acme\.dev/)
      await page.unroute('**/hitl/*/approve')
      await sees(page, /final: ask again/)
    })
    expect(await stateOf(hitl_id)).toBe('DENIED')
  })

  it('makes the reader read again what somebody else edited', async () => {
    const { hitl_id } = await ask()
    await within(await open(hitl_id), async (page) => {
      const payload = { table: 'customers', where: { id: 1 }, data: { plan: 'trial-expired' } }
      const { request_digest } = await world.api('GET', `/hitl/${hitl_id}`)
      await world.api('POST', `/hitl/${hitl_id}/edit`, { payload, request_digest }, world.approver)
      await sees(page, 'Read it again before you decide')
      expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
      await press(page, /^I have read it$/)
      await tabTo(page, /^Approve$/)
    })
  })

  it('says that the time is over, politely, and offers nothing to decide', async () => {
    const body = { workflow: 'deploy', payload: {}, notify_email: 'ops@acme.dev', expires_in_seconds: 5 }
    const { hitl_id } = await world.api('POST', '/hitl/request', body, world.agent)
    await within(await open(hitl_id), async (page) => {
      await sees(page, 'Nobody decided in time: that is a no')
      expect(await page.getByRole('button', { name: 'Approve', exact: true }).count()).toBe(0)
    })
  })
})

describe('hostile texts', () => {
  it('execute nothing and hide nothing wherever a request shows them', async () => {
    const cut = (text: string, length: number) => text.slice(0, length).toWellFormed()
    const texts = hostileStrings().filter((text) => text.isWellFormed())
    const payload = Object.fromEntries(texts.slice(0, 200).map((text, i) => [`text ${i} ${cut(text, 40)}`, cut(text, 500)]))
    const body = { workflow: 'deploy', payload, notify_email: 'ops@acme.dev' }
    const { hitl_id } = await world.api('POST', '/hitl/request', body, world.agent)
    await within(await open(hitl_id), async (page) => {
      await sees(page, '<img src=x onerror=alert(1)>')
      await sees(page, '⟨U+202E⟩')
      expect(await page.locator('main img, main script, main iframe, main svg[onload]').count()).toBe(0)
      await summon(page, 'd')
      await page.keyboard.insertText(
        texts
          .filter((text) => text.includes('script'))
          .join('\n')
          .slice(0, 1_900)
      )
      await press(page, /^Deny$/)
      await sees(page, 'Receipt of the decision')
      await page.goto('/app/approvals')
      await sees(page, 'Decided')
    })
  })
})
