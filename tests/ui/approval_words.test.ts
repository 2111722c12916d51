// What the page of an approval says: the sentence, the change, the time left, and why somebody may only look.
import { describe, expect, it } from 'vitest'
import { entrySentence, votesText } from '../../src/ui/pages/approvals/history_text.ts'
import { whyNot } from '../../src/ui/pages/approvals/may_decide.ts'
import { previewText } from '../../src/ui/pages/approvals/preview_text.ts'
import { countOf, deedOf } from '../../src/ui/parts/deed.ts'
import { changesOf, rowLines } from '../../src/ui/parts/row_changes.ts'
import { saidAloud, timeLeft } from '../../src/ui/parts/time_left.ts'
import type { JsonObject } from '../../src/engine/schema.ts'

const sentence = (workflow: string, payload: JsonObject, preview: JsonObject = {}) =>
  deedOf(workflow, payload, preview)
    .map(({ text }) => text)
    .join('')

describe('the sentence that heads a request', () => {
  it.each<[string, JsonObject, JsonObject, string]>([
    ['delete_row', { table: 'customers', where: {} }, {}, 'Delete rows from customers'],
    ['postgres.delete_row', { table: 'customers' }, { done: { affected: 1_204 } }, 'Delete 1,204 rows from customers'],
    ['update_row', { table: 'customers' }, { done: { affected: 1 } }, 'Change 1 row of customers'],
    ['insert_rows', { table: 'customers', rows: [{}, {}, {}] }, { done: { affected: 2 } }, 'Insert 2 rows into customers'],
    ['db_bulk_import_workflow', { table: 'customers', rows: [{}, {}, {}] }, {}, 'Insert 3 rows into customers'],
    ['db_safe_update_workflow', { table: 'customers', where: { id: 1 } }, {}, 'Change rows of customers'],
    ['merge_pr', { repo: 'acme/app', pr_number: 7, base: 'main' }, {}, 'Merge pull request #7 of acme/app into main'],
    ['agent_pr_workflow', { repo: 'acme/app', branch: 'agent/x' }, {}, 'Open a pull request from agent/x of acme/app'],
    ['push_commit', { repo: 'a/b', branch: 'x', files: [{}, {}] }, {}, 'Commit 2 files to x of a/b'],
    ['rollback:update_row', { original_run_id: 'r1' }, {}, 'Roll back update_row of run r1'],
    ['deploy', { version: '1' }, {}, 'Run deploy']
  ])('%s %j %j says `%s`', (workflow, payload, preview, expected) => {
    expect(sentence(workflow, payload, preview)).toBe(expected)
  })

  it('is the plain one where a payload is not as its action’s should be', () => {
    expect(sentence('delete_row', { table: { toString: 'x' } })).toBe('Run delete_row')
    expect(sentence('merge_pr', { repo: 'a/b' })).toBe('Run merge_pr')
    expect(sentence('constructor', {})).toBe('Run constructor')
    expect(sentence('__proto__', {})).toBe('Run __proto__')
  })

  it('counts only what was counted', () => {
    expect(countOf({ done: { affected: 3 } })).toBe(3)
    expect(countOf({ count: 0 })).toBe(0)
    expect(countOf({ done: { affected: -1 } })).toBeNull()
    expect(countOf({ done: { affected: 'many' } })).toBeNull()
    expect(countOf({ done: [1] })).toBeNull()
  })
})

describe('what will change', () => {
  it('shows of a changed row only its key and what differs', () => {
    expect(rowLines([{ id: '1', plan: 'pro', name: 'Ada' }], [{ id: '1', plan: 'free', name: 'Ada' }])).toEqual([
      { sign: '-', text: '{"id":"1","plan":"pro"}' },
      { sign: '+', text: '{"id":"1","plan":"free"}' }
    ])
  })

  it('shows rows that go and rows that come whole', () => {
    expect(rowLines([{ id: '1' }, { id: '2' }], [])).toEqual([
      { sign: '-', text: '{"id":"1"}' },
      { sign: '-', text: '{"id":"2"}' }
    ])
  })

  it('says the condition in words where nothing was looked up, and as JSON where it is more than equality', () => {
    expect(changesOf('delete_row', { table: 't', where: { plan: 'free', gone: null } }, {})).toEqual([
      { sign: '-', text: 'rows where plan = "free" and gone is null' }
    ])
    expect(changesOf('delete_row', { table: 't', where: { n: { gt: 1 } } }, {})?.[0]?.text).toBe('rows where {"n":{"gt":1}}')
    expect(changesOf('delete_row', { table: 't' }, {})?.[0]?.text).toBe('every row')
  })

  it('prefers what was looked up to what was asked for', () => {
    const preview = { done: { before: [{ id: '9' }], after: [] } }
    expect(changesOf('delete_row', { table: 't', where: { id: 9 } }, preview)).toEqual([{ sign: '-', text: '{"id":"9"}' }])
  })

  it('says nothing of a payload it does not know', () => {
    expect(changesOf('deploy', { version: '1' }, {})).toBeNull()
  })
})

describe('time left', () => {
  it.each([
    [872_000, '14:32 left'],
    [59_400, '1:00 left'],
    [5_000, '0:05 left'],
    [3_900_000, '1 h 05 min left'],
    [3 * 86_400_000, '3 days left'],
    [0, 'over'],
    [-5, 'over']
  ])('%d ms is `%s`', (ms, expected) => {
    expect(timeLeft(ms)).toBe(expected)
  })

  it('is said aloud at four moments, not each second', () => {
    const said = new Set<string>()
    for (let ms = 900_000; ms >= -2_000; ms -= 1_000) said.add(saidAloud(ms))
    expect([...said]).toEqual(['', 'Five minutes left', 'One minute left', '30 seconds left', 'The time is over'])
  })
})

describe('why somebody may only look', () => {
  const sight = { can_decide: false, is_judging: false, votes: [], approvers: ['ops@acme.dev'] }
  const ops = { scopes: ['read', 'approve'], user_email: 'ops@acme.dev' }
  it.each([
    ['whoever can', { ...sight, can_decide: true }, ops, /^$/],
    ['an admin', sight, { scopes: ['admin'], user_email: null }, /never decides.*ops@acme\.dev/],
    ['a reader', sight, { scopes: ['read'], user_email: null }, /lacks the scope/],
    ['a key without a person', sight, { scopes: ['approve'], user_email: null }, /user_email/],
    ['who has voted', { ...sight, votes: [{ by: 'ops@acme.dev', choice: 'approve' }] }, ops, /You have approved it already/],
    ['who is not asked', sight, { scopes: ['approve'], user_email: 'eve@acme.dev' }, /not among those/],
    ['who asks', sight, ops, /Nobody decides on what they ask/],
    ['everybody while an edit is judged', { ...sight, is_judging: true }, ops, /policies are judging/]
  ])('%s is told', (_name, given, who, expected) => {
    expect(whyNot(given, who) ?? '').toMatch(expected)
  })
})

describe('history', () => {
  it.each<[JsonObject, string]>([
    [{ what: 'voted', by: 'a@b', choice: 'deny', via: 'mail', reason: 'no' }, 'a@b denied by mail: “no”'],
    [{ what: 'voted', by: 'a@b', choice: 'approve', via: 'ui', reason: null }, 'a@b approved here, signed in'],
    [{ what: 'edited', by: 'a@b', accepted: false }, 'a@b changed the request, and a policy denies the change: it stands as it was'],
    [{ what: 'delegated', by: 'a@b', to: 'c@d' }, 'a@b handed it on to c@d'],
    [{ what: 'escalated' }, 'time is running out: further approvers were asked'],
    [{ what: 'something new' }, 'something new']
  ])('%j reads `%s`', (entry, expected) => {
    expect(entrySentence(entry)).toBe(expected)
  })

  it('counts votes', () => {
    expect(votesText(3, 2)).toBe('1 of 3 approved, 2 more must')
  })
})

describe('what was looked up', () => {
  it.each<[JsonObject, RegExp, boolean]>([
    [{}, /^Nothing could be looked up/, false],
    [{ done: {} }, /it can be done/, false],
    [{ done: { affected: 3 } }, /it can be done/, true],
    [{ already: { closed_at: 'x' } }, /done already/, true],
    [{ conflict: 'merged since' }, /conflict: merged since$/, false],
    [{ failed: 'no such row' }, /would fail: no such row$/, false],
    [{ count: 5 }, /^This was looked up/, true]
  ])('%j', (preview, text, hasMore) => {
    expect(previewText(preview).text).toMatch(text)
    expect(previewText(preview).hasMore).toBe(hasMore)
  })
})
