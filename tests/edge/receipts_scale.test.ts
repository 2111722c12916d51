// A hundred thousand receipts of one team: every search is led by an index, sorts nothing, and reads little more than its page.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { histogramStatement, listStatement, type Statement } from '../../src/adapters/edge/list_sql.ts'
import { keyCountsStatement } from '../../src/adapters/edge/key_counts.ts'
import { parseSearch, type ReceiptFilter } from '../../src/engine/index.ts'

const COUNT = 100_000
const START = Date.UTC(2026, 0, 1)
const MINUTE = 60_000
const NOW = START + COUNT * MINUTE
const PAGE = 51

/** Rare, common and middling values of everything, one receipt a minute. */
const FILL = `WITH RECURSIVE n(i) AS (SELECT CAST(?1 AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
  INSERT INTO receipts (team_id, run_id, position, revision, workflow, decision, outcome, user_email, agent, api_key_id, run_mode, seq, at, words, body, signatures, place)
  SELECT 'big', printf('0198c0de-0000-7000-8000-%012d', i), i, 0, CASE WHEN i % 9000 = 5 THEN 'rare_workflow' ELSE 'workflow_' || (i % 20) END,
    CASE WHEN i % 10 = 0 THEN 'BLOCK' WHEN i % 5000 = 1 THEN 'PARTIAL' ELSE 'PASS' END,
    CASE WHEN i % 10 = 0 THEN 'NONE' WHEN i % 5000 = 1 THEN 'PARTIAL' WHEN i % 7000 = 3 THEN 'UNKNOWN' ELSE 'SUCCEEDED' END,
    'agent-' || (i % 400) || '@company.com', 'agent-' || (i % 400) || '@company.com', 'key' || (i % 50),
    CASE WHEN i % 3000 = 7 THEN 'shadow' ELSE 'enforce' END, i, ${START} + i * ${MINUTE}, 'words of receipt number ' || i || ' ' || hex(randomblob(100)),
    '{"pad":"' || hex(randomblob(300)) || '"}', '[]', '{}' FROM n`
const TAG = `INSERT INTO receipt_tags SELECT 'big', ?1, ?2 || (position % CAST(?3 AS INTEGER)), position FROM receipts WHERE team_id = 'big' AND position % ?4 = 0`

beforeAll(async () => {
  for (let from = 0; from < COUNT; from += 20_000)
    await env.DB.prepare(FILL)
      .bind(from, from + 19_999)
      .run()
  await env.DB.prepare(TAG).bind('system', 'system_', 3, 1).run()
  await env.DB.prepare(TAG).bind('policy', 'policy_', 300, 10).run()
}, 120_000)

async function ask({ sql, values }: Statement): Promise<{ plan: string[]; rows: number; read: number }> {
  const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...values)
    .all<{ detail: string }>()
  const { results, meta } = await env.DB.prepare(sql)
    .bind(...values)
    .all()
  return { plan: plan.results.map(({ detail }) => detail), rows: results.length, read: meta.rows_read }
}

const search = (text: string, more: ReceiptFilter = {}) => listStatement('big', { search: parseSearch(text), ...more }, null, PAGE, NOW)

/** What the statement itself made, of a bounded number of rows, may be gone through; the tables may not. */
const BOUNDED = /^SCAN (few|found|w|bucket|asked|span)\b|^SCAN CONSTANT ROW/

function expectIndexed(plan: readonly string[], how: RegExp): void {
  const text = plan.join('\n')
  expect(text).toMatch(how)
  expect(text).not.toMatch(/TEMP B-TREE|AUTOMATIC/)
  expect(plan.filter((line) => line.startsWith('SCAN') && !BOUNDED.test(line))).toEqual([])
  for (const line of plan.filter((each) => each.startsWith('SEARCH')))
    expect(line).toMatch(/USING (COVERING )?INDEX .*\(team_id=\?|USING PRIMARY KEY/)
}

describe('a page of 100,000 receipts', () => {
  // What it may read: one exact value its own rows; anything else also the few hundred by which it finds out how many there are,
  // and what lies between the rows of its page: one row in thirty is the rarest here that is walked to.
  const EXACT = 5 * PAGE
  const COUNTED = 100 * PAGE
  it.each([
    ['', PAGE, /receipts_position/, EXACT],
    ['decision:block', PAGE, /receipts_decision \(team_id=\? AND decision=\? AND position</, EXACT],
    ['decision:partial', 20, /receipts_decision/, EXACT],
    ['outcome:unknown', 15, /receipts_outcome \(team_id=\? AND outcome=\? AND position</, EXACT],
    ['agent:agent-7@company.com', PAGE, /receipts_agent \(team_id=\? AND agent=\? AND position</, EXACT],
    ['key:key9', PAGE, /receipts_key \(team_id=\? AND api_key_id=\? AND position</, EXACT],
    ['workflow:workflow_3', PAGE, /receipts_workflow \(team_id=\? AND workflow=\? AND position</, EXACT],
    ['workflow:rare_workflow', 12, /receipts_workflow/, EXACT],
    ['policy:policy_30', PAGE, /SEARCH t USING .*\(team_id=\? AND kind=\? AND value=\? AND position</, EXACT],
    ['system:system_1', PAGE, /SEARCH t USING .*\(team_id=\? AND kind=\? AND value=\? AND position</, EXACT],
    ['mode:shadow', 34, /receipts_mode \(team_id=\? AND run_mode=\? AND position</, EXACT],
    ['decision:held', 0, /receipts_position \(team_id=\? AND position<\?/, 1],
    ['decision:block,partial', PAGE, /MERGE \(UNION ALL\)[^]*receipts_decision/, EXACT],
    ['outcome:unknown,partial', 35, /receipts_outcome/, EXACT],
    ['agent:agent-7', PAGE, /receipts_agent \(team_id=\? AND agent>\? AND agent<\?/, COUNTED],
    ['agent:agent-77', PAGE, /receipts_agent/, COUNTED],
    ['agent:nobody', 0, /receipts_agent/, COUNTED],
    ['workflow:rare*', 12, /receipts_workflow \(team_id=\? AND workflow>\? AND workflow<\?/, COUNTED],
    ['workflow:work*_3', PAGE, /receipts_workflow/, COUNTED],
    ['policy:policy_2*', PAGE, /receipt_tags.*value>\? AND value<\?/, COUNTED],
    ['policy:policy_30,policy_60', PAGE, /SEARCH t USING/, EXACT],
    ['since:10m', 10, /receipts_at \(team_id=\? AND at>\?/, COUNTED],
    ['since:24h', PAGE, /receipts_at/, COUNTED],
    ['since:9999d', PAGE, /receipts_at/, COUNTED],
    ['until:2026-01-01T01:00:00Z', PAGE, /receipts_at \(team_id=\? AND at<\?/, COUNTED],
    ['since:2026-02-01 until:2026-02-01T02:00:00Z', PAGE, /receipts_at \(team_id=\? AND at>\? AND at<\?/, COUNTED],
    ['-decision:block', PAGE, /receipts_position/, COUNTED],
    ['-agent:agent-7', PAGE, /receipts_position/, COUNTED],
    ['-policy:policy_30 -system:system_1', PAGE, /receipts_position/, COUNTED],
    ['words', PAGE, /receipts_position/, COUNTED],
    ['decision:block since:24h', PAGE, /receipts_decision/, COUNTED],
    ['agent:agent-7@company.com decision:block', 0, /receipts_agent/, COUNTED],
    ['agent:agent-40@company.com decision:block', PAGE, /receipts_agent/, COUNTED],
    ['workflow:workflow_10 decision:block', PAGE, /receipts_workflow/, COUNTED],
    ['policy:policy_30 system:system_0', PAGE, /SEARCH t USING/, COUNTED],
    ['policy:policy_30 since:7d', 34, /SEARCH t USING/, COUNTED],
    ['workflow:workflow_3 outcome:succeeded "receipt number"', PAGE, /receipts_workflow/, COUNTED]
  ])('`%s` has %i rows, by %s, having read at most %i', async (text, rows, how, most) => {
    const asked = await ask(search(text))
    expectIndexed(asked.plan, how)
    expect(asked.rows).toBe(rows)
    expect(asked.read).toBeLessThanOrEqual(most)
  })

  it('that was changed since a page that was seen is read by what changed', async () => {
    const asked = await ask(search('', { changed_after: COUNT - 5 }))
    expectIndexed(asked.plan, /receipts_seq \(team_id=\? AND seq>\?/)
    expect(asked.rows).toBe(5)
    expect(asked.read).toBeLessThanOrEqual(100)
  })

  it('far down reads no more than the first', async () => {
    const asked = await ask(listStatement('big', { search: parseSearch('decision:block') }, 1_000, PAGE, NOW))
    expect(asked.rows).toBe(PAGE)
    expect(asked.read).toBeLessThanOrEqual(EXACT)
  })

  it('reads each row at most once or twice where a text occurs nowhere, and a span of time bounds that', async () => {
    const nowhere = await ask(search('"nowhere to be found"'))
    expectIndexed(nowhere.plan, /receipts_position/)
    expect(nowhere.read).toBeLessThanOrEqual(2 * COUNT)
    expect((await ask(search('"nowhere to be found" since:3h'))).read).toBeLessThanOrEqual(COUNTED)
  })
})

describe('counts of 100,000 receipts', () => {
  it('by time come from one covering index', async () => {
    const asked = await ask(histogramStatement('big', {}, START, Math.ceil((NOW - START) / 48), 48, NOW))
    expectIndexed(asked.plan, /USING COVERING INDEX receipts_at \(team_id=\? AND at>\? AND at<\?\)/)
    expect(asked.read).toBeLessThanOrEqual(COUNT + 1_000)
  })

  it('of keys read the span alone', async () => {
    const { plan, read, rows } = await ask(keyCountsStatement('big', ['key1', 'key2', 'none'], NOW - 24 * 60 * MINUTE))
    expect(plan.join('\n')).toMatch(/USING COVERING INDEX receipts_at \(team_id=\? AND at>\?\)/)
    expect(rows).toBe(3)
    expect(read).toBeLessThanOrEqual(3 * 24 * 60)
  })
})
