// The main thing that each area is for, done in a real browser with the keyboard alone, and looked up on the server afterwards.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startReceiver, type Got, type Receiver } from '../fakes/receiver.ts'
import { fill, press, sees } from './look.ts'
import { startWorld, visit, type World } from './world.ts'

let world: World
let receiver: Receiver
beforeAll(async () => {
  receiver = await startReceiver()
  world = await startWorld()
})
afterAll(async () => {
  await world?.close()
  await receiver?.close()
})

/** Walks through a page as an admin, or with another key; nothing may go wrong on the way. */
async function walk(path: string, steps: (page: Page) => Promise<void>, key: string | null = world.admin): Promise<void> {
  const seen = await visit(world, key === null ? {} : { key })
  try {
    await seen.page.goto(path)
    await seen.page.getByRole('heading', { level: 1 }).waitFor()
    await steps(seen.page)
    expect(seen.wrongs).toEqual([])
  } finally {
    await seen.close()
  }
}

const runNow = () =>
  world.api(
    'POST',
    '/runs',
    { workflow: 'select_rows', user_email: 'agent@company.com', payload: { table: 'customers', limit: 1 } },
    world.agent
  )

describe('signing in', () => {
  it('goes where the reader wanted to go, and leaves the key nowhere', async () => {
    await walk(
      '/app/locks',
      async (page) => {
        await page.waitForURL(/\/app\/sign-in\?then=/)
        await page.getByLabel('Key').waitFor()
        await page.keyboard.insertText('enact_live_0000000000000000_no')
        await page.keyboard.press('Enter')
        await sees(page, /this key is not known/)
        await page.keyboard.press('ControlOrMeta+a')
        await page.keyboard.insertText(world.admin)
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/app\/locks$/)
        await sees(page, 'Nothing is held')
        const left = await page.evaluate(() =>
          JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, history.state, document.cookie])
        )
        expect(left).not.toContain('enact_live')
        expect(await page.content()).not.toContain(world.admin)
        await press(page, /Signed in to team/)
        await press(page, /^Sign out$/)
        await page.waitForURL(/\/app\/sign-in/)
        await page.goto('/app/locks')
        await page.waitForURL(/\/app\/sign-in\?then=/)
      },
      null
    )
  })

  it('never leads to another site', async () => {
    await walk(
      '/app/sign-in?then=https://evil.example/',
      async (page) => {
        await page.getByLabel('Key').waitFor()
        await page.keyboard.insertText(world.admin)
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/app\/$/)
      },
      null
    )
  })
})

describe('agents', () => {
  it('a key is created, shown once, and revoked', async () => {
    await walk('/app/agents', async (page) => {
      await sees(page, 'billing-bot')
      await press(page, /^Create a key…$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.insertText('walker')
      await fill(page, /^Acts as/, 'walker@company.com')
      await fill(page, /^Expires in days/, '30')
      await press(page, /^Create the key$/)
      const key = await page.getByLabel(/^Key /).inputValue()
      expect((await world.api('GET', '/session', undefined, key)).scopes).toEqual(['run'])
      await press(page, /^I stored it$/)
      await sees(page, 'walker@company.com')
      expect(await page.content()).not.toContain(key)
      await press(page, /^Revoke… walker$/)
      await page.getByRole('dialog').waitFor()
      await press(page, /^Revoke$/)
      await sees(page, 'Revoked')
      await expect(world.api('GET', '/session', undefined, key)).rejects.toThrow('401')
    })
  })

  it('a key that would both ask and answer is refused at its field', async () => {
    await walk('/app/agents', async (page) => {
      await press(page, /^Create a key…$/)
      await page.getByRole('dialog').waitFor()
      await page.getByRole('checkbox', { name: /^approve/ }).focus()
      await page.keyboard.press('Space')
      await sees(page, /no key may both ask and answer/)
      await press(page, /^Create the key$/)
      await sees(page, /no key may both ask and answer/)
    })
  })

  it('the last admin key stays, and the page says why', async () => {
    await walk('/app/agents', async (page) => {
      await sees(page, 'billing-bot')
      await press(page, /^Revoke… first key$/)
      await page.getByRole('dialog').waitFor()
      await press(page, /^Revoke$/)
      await sees(page, /this is the last admin key/)
    })
  })

  it('the kill switch is thrown with a reason, stops agents, is seen everywhere, and is lifted', async () => {
    await walk('/app/agents', async (page) => {
      await sees(page, 'Off: agents act as policies let them')
      await press(page, /^Stop all agents…$/)
      await page.getByRole('dialog').waitFor()
      await press(page, /^Throw the kill switch$/)
      await sees(page, 'say why: it stands in the receipt')
      await page.keyboard.insertText('an agent went wild')
      await press(page, /^Throw the kill switch$/)
      await sees(page, 'The kill switch is on.')
      await page.getByRole('link', { name: 'Receipt of the change' }).waitFor()
      await expect.poll(async () => (await runNow()).decision, { timeout: 10_000 }).toBe('BLOCK')
      await page.goto('/app/locks')
      await sees(page, /an agent went wild/)
      await press(page, /^Lift it…$/)
      await page.waitForURL(/\/app\/agents/)
      await press(page, /^Lift the kill switch…$/)
      await press(page, /^Lift it$/)
      await sees(page, 'Off: agents act as policies let them')
      await expect.poll(async () => (await runNow()).decision, { timeout: 10_000 }).toBe('PASS')
    })
  })
})

describe('locks', () => {
  it('a lock is broken with a reason, and the receipt says so', async () => {
    await world.api('POST', '/locks', { resources: ['postgres/customers'], holder: 'stuck-bot', ttl_seconds: 600 }, world.agent)
    await walk('/app/locks', async (page) => {
      await sees(page, 'stuck-bot')
      await press(page, /^Break… the lock of stuck-bot$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.insertText('it hangs')
      await press(page, /^Break the lock$/)
      await sees(page, /is broken: its older tokens are refused/)
      const link = await page.getByRole('link', { name: 'Receipt' }).getAttribute('href')
      const receipt = await world.api('GET', `/receipts/${new URLSearchParams(link!.split('?')[1]).get('id')}`)
      expect(JSON.stringify(receipt)).toContain('it hangs')
      await sees(page, 'Nothing is held')
    })
  })
})

describe('webhooks', () => {
  it('an endpoint is registered, pinged, gets events, and one is sent again', async () => {
    const got = async () => (await (await fetch(`${receiver.url}/seen/walk`)).json()) as Got[]
    await walk('/app/webhooks', async (page) => {
      await sees(page, 'No endpoints yet')
      await press(page, /^Register an endpoint…$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.insertText('nonsense')
      await page.keyboard.press('Enter')
      await sees(page, /must be a whole address/)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText(`${receiver.url}/walk/ok`)
      await press(page, /^Register$/)
      await page.getByLabel('Secret', { exact: true }).waitFor()
      expect(await page.getByLabel('Secret', { exact: true }).inputValue()).toMatch(/^whsec_/)
      await press(page, /^I stored it$/)
      await sees(page, 'Active')
      await sees(page, 'Delivered')
      const before = (await got()).length
      await press(page, /^Replay webhook\.ping$/)
      await expect.poll(async () => (await got()).length, { timeout: 20_000 }).toBeGreaterThan(before)
      const ids = new Set((await got()).map(({ headers }) => headers['webhook-id']))
      expect(ids.size).toBe(1)
      await press(page, /^Switch off/)
      await sees(page, 'Switched off')
    })
  })
})

describe('settings', () => {
  it('code is frozen with a reason, and the freeze is lifted', async () => {
    await walk('/app/settings', async (page) => {
      await press(page, /^Freeze…$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.insertText('release week')
      await press(page, /^Freeze$/)
      await sees(page, /release week/)
      expect((await world.api('GET', '/facts/code_freeze')).value).toEqual({ active: true, reason: 'release week' })
      await press(page, /^Lift the freeze…$/)
      await press(page, /^Lift it$/)
      await sees(page, 'No freeze')
      expect((await world.api('GET', '/facts/code_freeze')).value).toBe(false)
    })
  })

  it('a person is added, changed and removed', async () => {
    await walk('/app/settings', async (page) => {
      await sees(page, 'ops@acme.dev')
      await press(page, /^Add a person…$/)
      await page.getByRole('dialog').waitFor()
      await page.keyboard.insertText('walker@acme.dev')
      await fill(page, /^Name/, 'Walker')
      await fill(page, /^Reached by/, 'slack not-an-id')
      await press(page, /^Add$/)
      await sees(page, /must be a Slack member id/)
      await fill(page, /^Reached by/, 'slack U024BE7LH')
      await press(page, /^Add$/)
      await sees(page, 'U024BE7LH')
      await press(page, /^Change… walker@acme\.dev$/)
      await fill(page, /^Asked/, '2')
      await press(page, /^Change$/)
      await sees(page, 'later (2)')
      await press(page, /^Remove… walker@acme\.dev$/)
      await page.getByRole('dialog').waitFor()
      await press(page, /^Remove$/)
      await expect.poll(async () => JSON.stringify(await world.api('GET', '/people'))).not.toContain('walker')
    })
  })

  it('retention is set after a warning, the badge is switched off, a fact is set', async () => {
    // Also where it is tried once more.
    await world.api('PATCH', '/settings', { retention_days: null, badge: true })
    await walk('/app/settings', async (page) => {
      await sees(page, 'Nothing = for good.')
      await fill(page, /^Keep bodies/, 'soon')
      await page.keyboard.press('Enter')
      await sees(page, /must be a whole number of days/)
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.insertText('365')
      await page.keyboard.press('Enter')
      await sees(page, /erased for good/)
      await press(page, /^Change$/)
      await expect.poll(async () => (await world.api('GET', '/settings')).retention_days).toBe(365)
      // The dialog gives the focus back when it closes, and the switch waits for what was saved: a key that comes earlier is lost.
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      const badge = page.getByRole('checkbox', { name: /Show the last decision/, checked: true, disabled: false })
      await badge.waitFor()
      await badge.focus()
      await page.keyboard.press('Space')
      await expect.poll(async () => (await world.api('GET', '/settings')).badge).toBe(false)
      await press(page, /^Set a fact…$/)
      await page.getByRole('dialog').waitFor()
      await fill(page, /^Name/, 'protected_tables')
      await fill(page, /^Value/, '"customers"')
      await press(page, /^Set it$/)
      await sees(page, /must be|expected|Invalid/i)
      await fill(page, /^Value/, '["customers"]')
      await press(page, /^Set it$/)
      await expect.poll(async () => JSON.stringify(await world.api('GET', '/facts'))).toContain('protected_tables')
    })
  })
})

describe('exports', () => {
  it('an export of today is made, downloaded and deleted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'enact-export-'))
    try {
      await walk('/app/exports', async (page) => {
        const today = new Date().toISOString().slice(0, 10)
        await page.getByLabel('From').fill(today)
        await page.getByLabel('To, inclusive').fill(today)
        await press(page, /^Start$/)
        await sees(page, 'Ready')
        const [download] = await Promise.all([page.waitForEvent('download'), press(page, /^Download/)])
        const file = join(folder, 'export.zip')
        await download.saveAs(file)
        expect(Object.keys(unzipSync(readFileSync(file))).length).toBeGreaterThan(3)
        await press(page, /^Delete…/)
        await press(page, /^Delete$/)
        await sees(page, 'No exports yet')
      })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})
