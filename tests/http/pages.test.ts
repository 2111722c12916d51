// The pages that people decide on: what they say at a glance, that nothing of the request is left out, and that no text becomes HTML.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { postgres } from '../../src/connectors/index.ts'
import { install, wordsOf, type ApprovalSight } from '../../src/engine/index.ts'
import { approvalPage, leftText } from '../../src/http/pages/approval.ts'
import { headlineOf } from '../../src/http/pages/headline.ts'
import { page } from '../../src/http/pages/page.ts'
import { refusalPage } from '../../src/http/pages/refusal.ts'
import { requireApproval } from '../../src/policies/index.ts'
import { dbBulkImportWorkflow, dbSafeUpdateWorkflow } from '../../src/workflows/index.ts'

const installation = install(
  {
    connectors: [postgres({ database_url: 'postgres://nobody@localhost/none', tables: ['*'] })],
    policies: [requireApproval({}, { on: ['delete_row'] })],
    workflows: [dbBulkImportWorkflow, dbSafeUpdateWorkflow],
    actions: ['postgres.delete_row', 'postgres.update_row', 'postgres.insert_row', 'postgres.insert_rows', 'postgres.select_rows']
  },
  nodeHash
)
const NOW = Date.parse('2026-11-28T09:00:00Z')

const sight = (more: Partial<ApprovalSight> = {}): ApprovalSight => ({
  hitl_id: '01980000-0000-7000-8000-000000000001',
  team_id: 'acme',
  workflow: 'delete_row',
  run_id: null,
  status: 'PENDING',
  decided_at: null,
  decided_by: null,
  user_email: 'billing-bot@acme.dev',
  api_key_id: 'k1',
  payload: { table: 'customers', where: { plan: 'free' } },
  preview: {
    done: {
      table: 'customers',
      key: ['id'],
      affected: 1204,
      before: Array.from({ length: 25 }, (_, id) => ({ id, plan: 'free' })),
      after: []
    }
  },
  policy_results: [{ policy: 'require_approval', passed: false, effect: 'ask', reason: 'one person approves `delete_row`' }],
  request_digest: 'sha256:00',
  needed: 1,
  missing: 1,
  approvers: ['ops@acme.dev'],
  votes: [],
  history: [],
  created_at: '2026-11-28T08:45:00.000Z',
  expires_at: '2026-11-28T09:14:32.000Z',
  is_edited: false,
  is_judging: false,
  is_redacted: false,
  ...more
})

const html = (more: Partial<ApprovalSight> = {}) =>
  String(approvalPage(nodeHash, sight(more), installation, { t: 'acme.token', choices: 'approve', now: NOW }).body)

describe('the headline', () => {
  const asked: [string, Partial<ApprovalSight>, string][] = [
    ['counts what would be deleted', {}, 'Delete 1,204 rows from customers?'],
    ['of one row', { preview: { done: { affected: 1 } } }, 'Delete 1 row from customers?'],
    ['without a count is the action’s title', { preview: {} }, 'Delete rows of a table?'],
    ['with a preview that is no answer', { preview: { failed: 'no' } }, 'Delete rows of a table?'],
    ['of an update', { workflow: 'update_row', preview: { done: { affected: 3 } } }, 'Change 3 rows of customers?'],
    ['of an insert', { workflow: 'insert_row', preview: {} }, 'Insert a row into customers?'],
    ['of many', { workflow: 'insert_rows', payload: { table: 'customers', rows: [{}, {}] }, preview: {} }, 'Insert 2 rows into customers?'],
    [
      'of an import',
      { workflow: 'db_bulk_import_workflow', payload: { table: 'customers', rows: [{}] }, preview: {} },
      'Insert 1 row into customers?'
    ],
    ['of an update that checks', { workflow: 'db_safe_update_workflow', preview: {} }, 'Change rows of customers?'],
    ['of an import that names no rows', { workflow: 'db_bulk_import_workflow', preview: {} }, 'Import rows into a table?'],
    ['of a rollback', { workflow: 'rollback:delete_row' }, 'Take a run of delete_row back?'],
    ['of what Enact does not carry out', { workflow: 'refund_customer' }, 'Allow refund_customer?'],
    ['of a table with a hidden name', { payload: { table: 'a\u202eb' } }, 'Delete 1,204 rows from a⟨U+202E⟩b?']
  ]
  it.each(asked)('%s', (_what, more, text) => {
    expect(headlineOf(sight(more), installation).text).toBe(text)
  })
})

describe('the approval page', () => {
  it('says everything that the mail says', () => {
    const text = html()
    for (const { text: said } of wordsOf(sight(), installation).filter(({ isCode }) => !isCode)) expect(text).toContain(said)
    expect(text).toContain('&#34;affected&#34;: 1204')
  })

  it('shows the rows that would go, says how many more there are, and has all of them', () => {
    const text = html()
    expect(text.match(/<span class="gone">/g)).toHaveLength(20)
    expect(text).toContain('… and 5 more lines, all of them below')
    expect(text).toContain('&#34;id&#34;: 24')
  })

  it('says how much time is left, and what can be taken back', () => {
    expect(html()).toContain('◔ 14 min left')
    expect(html()).toContain('↺ Can be rolled back')
    expect(html({ workflow: 'refund_customer' })).toContain('◔ Not known')
    expect([59_000, 61_000, 3_900_000, 300_000_000].map(leftText)).toEqual([
      'under a minute left',
      '1 min left',
      '1 h 5 min left',
      '3 days left'
    ])
  })

  it('turns no text into HTML, wherever it stands', () => {
    const nasty = '</pre></code><script>alert(1)</script><img src=x onerror=alert(1)>"\''
    const text = html({
      workflow: nasty,
      user_email: nasty,
      payload: { table: nasty, [nasty]: nasty },
      preview: { done: { affected: 2, before: [{ [nasty]: nasty }], after: [nasty] } },
      policy_results: [{ policy: nasty, passed: false, effect: 'ask', reason: nasty }],
      votes: [{ by: nasty, choice: nasty, reason: nasty }],
      request_digest: nasty
    })
    expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>(?!&)/)
  })

  it('denies when it is sent without a button', () => {
    expect(html()).toMatch(/<form method="post" action="\/hitl\/[0-9a-f-]+\/deny"/)
  })
})

describe('the frame', () => {
  it('has the colours of tokens.css, light and dark', () => {
    const tokens = readFileSync(new URL('../../public/tokens.css', import.meta.url), 'utf8')
    const [light = '', dark = ''] = tokens.split('@media')
    const body = String(page(nodeHash, 200, { title: 'x', body: '' }).body)
    const [ownLight = '', ownDark = ''] = body.split('@media')
    const colours = (css: string) => new Map([...css.matchAll(/(--[a-z-]+):\s*(#[0-9a-f]+)/g)].map(([, name, value]) => [name, value]))
    for (const [own, given] of [
      [ownLight, light],
      [ownDark, dark]
    ] as const)
      for (const [name, value] of colours(own)) expect([name, colours(given).get(name)]).toEqual([name, value])
  })

  it('lets in its own style and nothing else', () => {
    const { headers, body } = refusalPage(nodeHash, 'ENACT_SECRET is <not> set')
    const style = /<style>([\s\S]*)<\/style>/.exec(String(body))![1]!
    const digest = Buffer.from(nodeHash.sha256(nodeHash.utf8(style))).toString('base64')
    expect(headers!['content-security-policy']).toContain(`style-src 'sha256-${digest}'`)
    expect(headers!['content-security-policy']).toContain("default-src 'none'")
    expect(String(body)).toContain('ENACT_SECRET is &#60;not&#62; set')
    expect(String(body)).not.toMatch(/<script| style=| on\w+=/)
  })
})
