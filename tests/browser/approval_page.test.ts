// The approval page as a phone shows it: accessible in both themes, nothing cut off, nothing executed, under its own strict policy.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Browser } from 'playwright-core'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { postgres } from '../../src/connectors/index.ts'
import { install, type ApprovalSight } from '../../src/engine/index.ts'
import { approvalPage, statusPage } from '../../src/http/pages/approval.ts'
import { refusalPage } from '../../src/http/pages/refusal.ts'
import type { Answer } from '../../src/http/problem.ts'
import { requireApproval } from '../../src/policies/index.ts'
import { expectAccessible, expectNoOverflow, hostileStrings, shoot, SIZES, startBrowser, THEMES, visit } from './world.ts'

const URL_OF_PAGE = 'http://enact.test'
const NOW = Date.parse('2026-11-28T09:00:00Z')
const installation = install(
  {
    connectors: [postgres({ database_url: 'postgres://nobody@localhost/none', tables: ['*'] })],
    policies: [requireApproval({}, { on: ['delete_row'] })],
    workflows: [],
    actions: ['postgres.delete_row']
  },
  nodeHash
)

let browser: Browser
beforeAll(async () => void (browser = await startBrowser()))
afterAll(() => browser?.close())

function sight(text: string): ApprovalSight {
  return {
    hitl_id: '01980000-0000-7000-8000-000000000001',
    team_id: 'acme',
    workflow: 'delete_row',
    run_id: null,
    status: 'PENDING',
    decided_at: null,
    decided_by: null,
    user_email: 'billing-bot@acme.dev',
    api_key_id: 'k_2026_11',
    payload: { table: 'customers', where: { plan: text } },
    preview: { done: { table: 'customers', affected: 3, before: [17, 18, 23].map((id) => ({ id, plan: text })), after: [] } },
    policy_results: [
      { policy: 'require_approval', passed: false, effect: 'ask', reason: `one person approves this: ${text}` },
      { policy: 'dont_delete_without_where', passed: true, effect: 'allow', reason: 'every deletion says which rows' }
    ],
    request_digest: `sha256:${'9f'.repeat(32)}`,
    needed: 2,
    missing: 1,
    approvers: ['ops@acme.dev', 'ana@acme.dev'],
    votes: [{ by: 'ana@acme.dev', choice: 'approve', reason: text }],
    history: [],
    created_at: '2026-11-28T08:45:00.000Z',
    expires_at: '2026-11-28T09:14:32.000Z',
    is_edited: false,
    is_judging: false,
    is_redacted: false
  }
}

const asked = (text: string) => approvalPage(nodeHash, sight(text), installation, { t: 'acme.token', choices: 'approve', now: NOW })
const pages: [string, () => Answer][] = [
  ['approval', () => asked('free')],
  ['decided', () => statusPage(nodeHash, 409, 'Decided already', 'APPROVED by ops@acme.dev')],
  ['refusal', () => refusalPage(nodeHash, 'ENACT_SECRET is not set: npx wrangler secret put ENACT_SECRET')]
]

async function show(answer: Answer, given: Parameters<typeof visit>[1]) {
  const visited = await visit({ url: URL_OF_PAGE, browser }, given)
  await visited.page.route('**/*', (route) =>
    new URL(route.request().url()).pathname === '/hitl'
      ? route.fulfill({ status: answer.status, headers: answer.headers ?? {}, body: String(answer.body) })
      : route.fulfill({ status: 204 })
  )
  await visited.page.goto('/hitl')
  return visited
}

describe.each(pages)('the page: %s', (name, make) => {
  const looks = Object.keys(SIZES).flatMap((size) => THEMES.map((theme) => [size as keyof typeof SIZES, theme] as const))
  it.each(looks)('is accessible, %s and %s, and violates nothing', async (size, theme) => {
    const visited = await show(make(), { size, theme })
    await expectAccessible(visited.page)
    await expectNoOverflow(visited.page)
    await shoot(visited.page, `${name}-page-${size}-${theme}`)
    expect(visited.wrongs).toEqual([])
    await visited.close()
  })
})

describe('the approval page', () => {
  it('executes nothing that an agent wrote, and cuts nothing of it off', async () => {
    for (const text of hostileStrings().slice(0, 40)) {
      const visited = await show(asked(text), { size: 'phone' })
      expect(await visited.page.locator('script, img, iframe, object').count(), text).toBe(0)
      await expectNoOverflow(visited.page)
      expect(visited.wrongs, text).toEqual([])
      await visited.close()
    }
  })

  it('is decided by keyboard: reason, approve, deny, in this order', async () => {
    const { page, close } = await show(asked('free'), { size: 'phone' })
    await page.locator('#reason').focus()
    const order: (string | null)[] = []
    for (let i = 0; i < 2; i++) {
      await page.keyboard.press('Tab')
      order.push(await page.evaluate(() => document.activeElement?.textContent ?? null))
    }
    expect(order).toEqual(['Approve', 'Deny'])
    await close()
  })
})
