// Alerts from the block to the one who has seen to it, in a real browser with the keyboard alone; and how their pages look.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startAlerting } from '../fakes/alerting.ts'
import { fill, lookAt, press, sees, tabTo } from './look.ts'
import { hostileStrings, startWorld, visit, type World } from './world.ts'

let world: World
let vendors: Awaited<ReturnType<typeof startAlerting>>
/** Acts as whoever it says, so that each name is somebody new. */
let anybody: string
beforeAll(async () => {
  vendors = await startAlerting()
  world = await startWorld('update_row', { PAGERDUTY_API_URL: vendors.url })
  anybody = String((await world.api('POST', '/keys', { scopes: ['run'], label: 'anybody' })).key)
})
afterAll(async () => {
  await world?.close()
  await vendors?.close()
})

const look = (name: string, path: string, ready: string, act?: Parameters<typeof lookAt>[1]['act'], key = world.admin) =>
  lookAt(world, { key, path, name, ready, ...(act ? { act } : {}) })

/** A push to main: two policies say no. */
const block = (user_email: string, branch = 'main') =>
  world.api('POST', '/runs', { workflow: 'agent_pr_workflow', user_email, payload: { repo: 'acme/app', branch } }, anybody)

async function walk(path: string, steps: (page: Page) => Promise<void>): Promise<void> {
  const seen = await visit(world, { key: world.admin })
  try {
    await seen.page.goto(path)
    await seen.page.getByRole('heading', { level: 1 }).waitFor()
    await steps(seen.page)
    expect(seen.wrongs).toEqual([])
  } finally {
    await seen.close()
  }
}

const alerts = async (query = '') => (await world.api('GET', `/alerts${query}`)).data

describe('with nothing in it, a page teaches', () => {
  it.each([
    ['alerts-empty', '/app/alerts', 'Nothing is open'],
    ['alert-channels-empty', '/app/alerts?view=channels', 'No channels yet'],
    ['alert-rules', '/app/alerts?view=rules', 'First block']
  ])('%s', async (name, path, ready) => {
    await look(name, path, ready)
  })
})

describe('who is told', () => {
  it('an address that is none is refused at its field; a right one is added, tried, changed, switched off and deleted', async () => {
    await walk('/app/alerts?view=channels', async (page) => {
      await sees(page, 'No channels yet')
      await press(page, /^Add a channel…$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.type('Mail')
      await fill(page, /^Address/, 'nobody at all')
      await press(page, /^Add$/)
      const wrong = page.locator('[aria-invalid]')
      await wrong.waitFor()
      // Whoever only listens is taken to the field, and hears why.
      expect(await wrong.evaluate((field) => field === document.activeElement)).toBe(true)
      expect(
        await page.locator(`#${await wrong.getAttribute('aria-describedby').then((ids) => ids!.split(' ').at(-1))}`).innerText()
      ).toMatch(/mail/i)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText('ops@acme.dev')
      await fill(page, /^Name/, 'On-call')
      await press(page, /^Add$/)
      await sees(page, 'On-call')
      await press(page, /^Send a test On-call$/)
      await sees(page, 'Test: delivered')
      const outbox = (await world.api('GET', '/dev/outbox')).data
      expect(outbox[0]).toMatchObject({ to: 'ops@acme.dev', subject: expect.stringContaining('Test') })
      await press(page, /^Change… On-call$/)
      await page.getByRole('dialog').waitFor()
      await tabTo(page, /^Hold alerts back/)
      await page.keyboard.press('Space')
      await fill(page, /^Time zone/, 'Mars/Olympus')
      await press(page, /^Change$/)
      await sees(page, /IANA time zone/)
      await fill(page, /^Time zone/, 'Europe/Berlin')
      await press(page, /^Change$/)
      await sees(page, /quiet 22:00 to 07:00 Europe\/Berlin, but for critical ones/)
      await press(page, /^Switch off On-call$/)
      await sees(page, 'Switched off')
      expect((await world.api('GET', '/alert-channels')).data).toMatchObject([{ enabled: false, quiet_hours: { start: '22:00' } }])
      await press(page, /^Delete… On-call$/)
      await page.getByRole('dialog').waitFor()
      await press(page, /^Delete$/)
      await sees(page, 'No channels yet')
    })
    expect((await world.api('GET', '/alert-channels')).data).toEqual([])
  })

  it('what a vendor says against a test is shown, and its key never again', async () => {
    const key = `unknown${'k'.repeat(25)}`
    await walk('/app/alerts?view=channels', async (page) => {
      await press(page, /^Add a channel…$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.type('PagerDuty')
      await fill(page, /^Integration key/, key)
      await press(page, /^Add$/)
      await sees(page, 'every rule')
      await press(page, /^Send a test PagerDuty/)
      await sees(page, 'Test: given up')
      expect(await page.content()).not.toContain(key)
    })
    const [{ id }] = (await world.api('GET', '/alert-channels')).data
    await world.api('DELETE', `/alert-channels/${id}`)
  })
})

describe('an alert', () => {
  it('comes by itself, is counted above, is acknowledged with a note and resolved', async () => {
    await world.api('POST', '/alert-channels', { kind: 'mail', to: 'ops@acme.dev', min_severity: 'warning' })
    await walk('/app/alerts', async (page) => {
      await sees(page, 'Nothing is open')
      const { run_id } = await block('agent@company.com')
      await sees(page, /agent@company\.com/)
      const open = await alerts('?status=OPEN')
      expect(open.map(({ rule }: { rule: string }) => rule)).toEqual(open.map(() => 'first_block'))
      await page.getByRole('navigation', { name: 'Areas' }).getByText(`${open.length} open`).waitFor()
      await page.keyboard.press('j')
      await page.keyboard.press('a')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.insertText('a typo in a script; I am at it')
      await press(page, /^Acknowledge$/)
      await sees(page, /has seen it: a typo in a script; I am at it/)
      expect(await alerts('?status=ACKNOWLEDGED')).toMatchObject([{ note: 'a typo in a script; I am at it', run_ids: [run_id] }])
      await page.getByRole('link', { name: 'First block', exact: true }).last().focus()
      await page.keyboard.press('Enter')
      await page.waitForURL(/alert_id=/)
      await sees(page, 'mail ops@acme.dev')
      await sees(page, 'Delivered')
      await sees(page, run_id)
      await press(page, /^Resolve…$/)
      await page.getByRole('dialog').waitFor()
      await press(page, /^Resolve$/)
      await sees(page, /Over since/)
    })
    expect(await alerts('?status=RESOLVED')).toHaveLength(1)
  })

  it('that is new moves nothing under the finger: it comes when asked for', async () => {
    await walk('/app/alerts', async (page) => {
      const row = page.getByRole('link', { name: 'First block', exact: true }).first()
      await row.waitFor()
      const before = await row.boundingBox()
      await block('new@company.com')
      const show = page.getByRole('button', { name: 'Something has changed: show it' })
      await show.and(page.locator(':enabled')).waitFor()
      expect(await row.boundingBox()).toEqual(before)
      expect(await page.getByText('new@company.com').count()).toBe(0)
      await press(page, /^Something has changed/)
      await sees(page, /new@company\.com/)
    })
  })

  it('is filtered, all of it in the address', async () => {
    await walk('/app/alerts', async (page) => {
      await sees(page, 'First block')
      await page.getByRole('link', { name: 'Critical' }).click()
      await sees(page, 'Nothing like that is open.')
      expect(page.url()).toContain('severity=critical')
      await page.goto('/app/alerts?rule=kill_switch_thrown')
      await sees(page, 'Nothing like that is open.')
      await press(page, /^Only kill_switch_thrown/)
      await sees(page, 'First block')
    })
  })
})

describe('a rule', () => {
  it('is muted for a while and heard again, and is as grave as somebody says', async () => {
    const ruleNow = async () => (await world.api('GET', '/alert-rules')).data.find(({ rule }: { rule: string }) => rule === 'first_block')
    await walk('/app/alerts?view=rules', async (page) => {
      await sees(page, 'First block')
      await press(page, /^Mute… First block$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('ArrowDown')
      await press(page, /^Mute$/)
      await page.getByRole('button', { name: 'Unmute First block' }).waitFor()
      const hours = (Date.parse((await ruleNow()).muted_until) - Date.now()) / 3_600_000
      expect(hours).toBeGreaterThan(7.9)
      expect(hours).toBeLessThan(8.1)
      expect(await page.getByRole('link', { name: 'Receipt of the change' }).getAttribute('href')).toMatch(/receipt\?id=/)
      await press(page, /^Unmute First block$/)
      await page.getByRole('button', { name: 'Mute… First block' }).waitFor()
      expect((await ruleNow()).muted_until).toBeNull()
      await press(page, /^Mute… First block$/)
      await page.getByRole('dialog').waitFor()
      await page.getByRole('radio', { name: 'Until…' }).focus()
      await page.keyboard.press('Space')
      await page.getByLabel('Until', { exact: true }).fill('2020-01-01T00:00')
      await press(page, /^Mute$/)
      await sees(page, 'is over already')
      await page.keyboard.press('Escape')
      await press(page, /^Severity… First block$/)
      await page.getByRole('dialog').waitFor()
      await tabTo(page, /^Severity of First block/)
      await page.keyboard.type('Info')
      await press(page, /^Change$/)
      await sees(page, 'by itself warning')
      expect(await ruleNow()).toMatchObject({ severity: 'info', default_severity: 'warning' })
    })
    await world.api('PATCH', '/alert-rules/first_block', { severity: null })
  })
})

describe('with something in it', () => {
  beforeAll(async () => {
    const quiet_hours = { start: '22:00', end: '07:00', time_zone: 'Europe/Berlin', except: 'critical' }
    await world.api('POST', '/alert-channels', { kind: 'slack', channel: 'C0123ABCD', rules: ['block_burst', 'tamper_found'], quiet_hours })
    await world.api('POST', '/alert-channels', {
      kind: 'pagerduty',
      routing_key: 'k'.repeat(32),
      name: 'Platform',
      min_severity: 'critical'
    })
    await world.api('POST', '/alert-channels', { kind: 'sms', to: '+4915112345678', enabled: false })
    await world.api('PUT', '/facts/kill_switch', { value: { active: true, reason: 'an agent went wild' } })
    await block('late@company.com')
    await vi.waitFor(async () => expect(await alerts('?rule=kill_switch_thrown')).toHaveLength(1), { timeout: 30_000 })
    await world.api('PUT', '/facts/kill_switch', { value: false })
    await world.api('PATCH', '/alert-rules/webhook_failing', { muted_until: new Date(Date.now() + 3_600_000).toISOString() })
  })

  it.each([
    ['alerts', '/app/alerts', 'First block'],
    ['alerts-resolved', '/app/alerts?status=RESOLVED', 'Kill switch thrown'],
    ['alert-channels', '/app/alerts?view=channels', 'set SLACK_BOT_TOKEN'],
    ['alert-rules-muted', '/app/alerts?view=rules', 'Unmute']
  ])('%s', async (name, path, ready) => {
    await look(name, path, ready)
  })

  it('one alert, and the dialogs', async () => {
    const [{ alert_id }] = await alerts('?rule=first_block')
    await look('alert', `/app/alerts?alert_id=${alert_id}`, 'Who was told')
    const open =
      (button: string, then?: (page: Page) => Promise<void>): Parameters<typeof lookAt>[1]['act'] =>
      async (page) => {
        await page.getByRole('button', { name: button }).first().click()
        await page.getByRole('dialog').waitFor()
        await then?.(page)
      }
    await look('alert-acknowledge', '/app/alerts', 'First block', open('Acknowledge…'))
    await look('alert-mute', '/app/alerts?view=rules', 'First block', open('Mute…'))
    await look(
      'alert-channel-add',
      '/app/alerts?view=channels',
      'set SLACK_BOT_TOKEN',
      open('Add a channel…', (page) => page.getByLabel('Hold alerts back').check())
    )
  })

  it('who may read sees alerts and rules, and nothing to press', async () => {
    await look('alerts-reader', '/app/alerts', 'First block', undefined, world.approver)
    const seen = await visit(world, { key: world.approver })
    try {
      await seen.page.goto('/app/alerts')
      await seen.page.getByText('First block').first().waitFor()
      expect(await seen.page.getByRole('button', { name: /Acknowledge|Resolve/ }).count()).toBe(0)
      await seen.page.goto('/app/alerts?view=channels')
      await sees(seen.page, /keys with scope/)
      await seen.page.goto('/app/alerts?view=rules')
      await sees(seen.page, 'First block')
      expect(await seen.page.getByRole('button', { name: /Mute|Severity/ }).count()).toBe(0)
      expect(seen.wrongs).toEqual([])
    } finally {
      await seen.close()
    }
  })
})

describe('with hostile texts in every field', () => {
  it('nothing is executed, nothing is hidden, nothing is torn apart', async () => {
    const texts = hostileStrings().filter((text) => text.isWellFormed() && text.trim() !== '' && !text.includes('\0'))
    const at = (i: number, length: number) => texts[i % texts.length]!.slice(0, length).toWellFormed()
    for (let i = 0; i < 12; i++) await block(`hostile${i}@acme.dev`, at(i, 200)).catch(() => undefined)
    for (let i = 0; i < 8; i++)
      await world.api('POST', '/alert-channels', { kind: 'mail', to: `hostile${i}@acme.dev`, name: at(i, 80) }).catch(() => undefined)
    await vi.waitFor(async () => expect(JSON.stringify(await alerts('?limit=200'))).toContain('hostile1'), { timeout: 30_000 })
    for (const [i, { alert_id }] of (await alerts('?status=OPEN&limit=6')).entries())
      await world.api('POST', `/alerts/${alert_id}/acknowledge`, { note: at(i, 400) })
    const [{ alert_id }] = await alerts('?status=ACKNOWLEDGED')
    for (const [name, path, ready] of [
      ['alerts-hostile', '/app/alerts', 'has seen it'],
      ['alert-hostile', `/app/alerts?alert_id=${alert_id}`, 'Who was told'],
      ['alert-channels-hostile', '/app/alerts?view=channels', '<img src=x onerror=alert(1)>']
    ] as const)
      await look(name, path, ready, async (page) => {
        expect(await page.locator('main script, main iframe, main img').count()).toBe(0)
      })
  })
})
