// Rows that are named and there are changed, all or none, whatever dies on the way; and what is not so is blocked with a reason.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { postgres } from '../../src/connectors/index.ts'
import type { JsonObject } from '../../src/engine/index.ts'
import { contractorCannotWritePii, dontUpdateWithoutWhere, protectTables, requireRowExists } from '../../src/policies/index.ts'
import { dbSafeUpdateWorkflow } from '../../src/workflows/index.ts'
import { dump, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { lines, runsOver, type Runs } from './postgres_runs.ts'

const WORKFLOW = 'db_safe_update_workflow'
const SEED = `
  CREATE TABLE customers (id int PRIMARY KEY, name text, state text DEFAULT 'open', api_key text);
  INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 12) AS i;
  CREATE TABLE salaries (id int PRIMARY KEY, pay int); INSERT INTO salaries VALUES (1, 100);`
const POLICIES = [
  dontUpdateWithoutWhere(),
  requireRowExists({ max_rows: 10 }),
  protectTables({ protected: ['salaries'] }),
  contractorCannotWritePii()
]

let server: TestPostgres
let url: string
let runs: Runs
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
}, START_TIMEOUT_MS)
afterAll(() => server.close())
beforeEach(async () => {
  await refill(url, SEED)
  runs = runsOver(fresh(), [dbSafeUpdateWorkflow], POLICIES, ['update_row'])
})

/** As every run has it: a connection of its own. */
function fresh() {
  return postgres({ database_url: url, driver: 'pg', tables: ['customers', 'salaries'] })
}

const update = (more: JsonObject = {}): JsonObject => ({ table: 'customers', where: { id: { lte: 3 } }, data: { state: 'done' }, ...more })
const denials = (receipt: { policy_results: readonly { policy: string; passed: boolean; reason: string }[] }) =>
  receipt.policy_results.filter(({ passed }) => !passed).map(({ policy, reason }) => `${policy}: ${reason}`)

describe('rows that are there', () => {
  test('are changed, and taken back exactly', async () => {
    const before = await dump(url, 'customers')
    const { result, receipt } = await runs.run(WORKFLOW, update())
    expect([result.decision, result.outcome, lines(receipt)]).toEqual(['PASS', 'SUCCEEDED', ['update_row DONE']])
    expect(receipt.facts['postgres.count_rows']).toEqual({
      success: true,
      output: { table: 'public.customers', count: 3, has_more: false }
    })
    expect(await query(url, `SELECT count(*) FROM customers WHERE state = 'done'`)).toEqual([['3']])
    expect((await runs.client.rollback(receipt.run_id)).result.outcome).toBe('SUCCEEDED')
    expect(await dump(url, 'customers')).toEqual(before)
  })

  test('and hold these values already: asked again, nothing changes', async () => {
    await runs.run(WORKFLOW, update())
    const after = await dump(url, 'customers')
    const { result, receipt } = await runs.run(WORKFLOW, update())
    expect([result.outcome, lines(receipt)]).toEqual(['SUCCEEDED', ['update_row ALREADY']])
    expect(await dump(url, 'customers')).toEqual(after)
  })

  test('and that the change itself takes out of the condition: asked again, it is blocked and not done to others', async () => {
    const payload = update({ where: { state: 'open', id: { lte: 3 } } })
    await runs.run(WORKFLOW, payload)
    const after = await dump(url, 'customers')
    const { result, receipt } = await runs.run(WORKFLOW, payload)
    expect([result.decision, result.outcome]).toEqual(['BLOCK', 'NONE'])
    expect(denials(receipt)).toEqual(['require_row_exists: no row of `customers` matches'])
    expect(await dump(url, 'customers')).toEqual(after)
  })

  test('stay as they were where one of them cannot be changed', async () => {
    await query(url, `ALTER TABLE customers ADD CHECK (id <> 2 OR state = 'open')`)
    const before = await dump(url, 'customers')
    const { result, receipt } = await runs.run(WORKFLOW, update())
    expect([result.outcome, receipt.actions_taken[0]!.error?.code]).toEqual(['FAILED', 'check_failed'])
    expect(await dump(url, 'customers')).toEqual(before)
  })
})

describe('a run that dies', () => {
  test('before any line it writes: all rows or none, and the receipt of whoever goes on says what happened', async () => {
    let deaths = 0
    for (let line = 1; ; line++) {
      await refill(url, SEED)
      const { died, receipt } = await runs.crash(WORKFLOW, update(), line, async () => {
        const done = Number((await query(url, `SELECT count(*) FROM customers WHERE state = 'done'`))[0]![0])
        expect([0, 3], `after the death at line ${line}`).toContain(done)
      })
      expect([receipt.outcome, lines(receipt)], `line ${line}`).toEqual(['SUCCEEDED', ['update_row DONE']])
      expect(await query(url, `SELECT count(*) FROM customers WHERE state = 'done'`)).toEqual([['3']])
      if (!died) break
      deaths++
    }
    // Start, intent, note, outcome, receipt.
    expect(deaths).toBe(5)
  })
})

describe('is blocked', () => {
  test.each([
    ['no condition', { where: {} }, 'dont_update_without_where'],
    ['a condition that every row meets', { where: { id: { gte: 0 }, name: { like: '%' } } }, 'require_row_exists'],
    ['a condition on nothing but not null', { where: { id: { is_null: false } } }, 'require_row_exists'],
    ['a row that is not there', { where: { id: 99 } }, 'require_row_exists'],
    ['more rows than allowed', { where: { id: { lte: 11 } } }, 'require_row_exists'],
    ['SQL as a value', { where: { name: `x' OR '1'='1` } }, 'require_row_exists'],
    ['SQL as a column', { where: { '1=1 --': 1 } }, 'require_row_exists'],
    ['a hidden column', { where: { ctid: '(0,1)' } }, 'require_row_exists'],
    ['a table that is not allowed', { table: 'pg_catalog.pg_authid', where: { rolname: 'postgres' } }, 'require_row_exists'],
    ['a protected table', { table: 'public.salaries', where: { id: 1 }, data: { pay: 1 } }, 'protect_tables'],
    [
      'personal data from a contractor',
      { data: { name: 'x' }, pii_fields: ['name'], actor_role: 'contractor' },
      'contractor_cannot_write_pii'
    ]
  ] as const)('%s', async (_, more, policy) => {
    const before = [await dump(url, 'customers'), await dump(url, 'salaries')]
    const { result, receipt } = await runs.run(WORKFLOW, update(more as JsonObject))
    expect([result.decision, result.outcome, receipt.actions_taken]).toEqual(['BLOCK', 'NONE', []])
    expect(
      denials(receipt).some((line) => line.startsWith(`${policy}: `)),
      denials(receipt).join()
    ).toBe(true)
    expect([await dump(url, 'customers'), await dump(url, 'salaries')]).toEqual(before)
  })

  test('where nobody can look: a database that is away is a reason, not a pass', async () => {
    const away = postgres({ database_url: 'postgres://nobody:x@127.0.0.1:1/none', driver: 'pg', tables: ['customers'] })
    const { receipt } = await runsOver(away, [dbSafeUpdateWorkflow], POLICIES).run(WORKFLOW, update())
    expect(receipt.decision).toBe('BLOCK')
    expect(denials(receipt)).toEqual([
      expect.stringMatching(/^require_row_exists: whether rows of `customers` match could not be looked up/)
    ])
  })

  test('also as a single action, where the row has gone since the request was judged', async () => {
    const { result, receipt } = await runs.run('update_row', { table: 'customers', where: { id: 99 }, data: { name: 'x' } })
    expect([result.decision, denials(receipt)]).toEqual(['BLOCK', ['require_row_exists: no row of `customers` matches']])
  })
})

test('a secret is in no receipt, and comes back all the same', async () => {
  const secret = ['sk', 'live', '51Hx8dJ2eZvKYlo2C9aB7cD6e'].join('_')
  await query(url, `UPDATE customers SET api_key = '${secret}' WHERE id = 1`)
  const before = await dump(url, 'customers')
  const { receipt } = await runs.run(WORKFLOW, update({ where: { id: 1 }, data: { api_key: 'rotated-0123456789abcdef' } }))
  expect(receipt.outcome).toBe('SUCCEEDED')
  expect(JSON.stringify(receipt)).not.toContain(secret)
  expect(JSON.stringify(receipt)).not.toContain('rotated-0123456789abcdef')
  expect((await runs.client.rollback(receipt.run_id)).result.outcome).toBe('SUCCEEDED')
  expect(await dump(url, 'customers')).toEqual(before)
})

test.each([
  [{ table: 'customers', where: { id: 1 }, data: { name: 'x' } }, true],
  [{ table: 'customers', data: { name: 'x' } }, true],
  [{ table: 'customers', where: { id: 1 }, data: {} }, false],
  [{ table: 'customers', where: '1=1', data: { name: 'x' } }, false],
  [{ table: 'customers', where: { id: 1 }, data: { name: 'x' }, unique_on: ['id'] }, false]
])('payload %j is accepted: %s', (payload, isAccepted) => {
  expect(dbSafeUpdateWorkflow.payload.safeParse(payload).success).toBe(isAccepted)
})

test('it locks the rows it names', () => {
  expect(dbSafeUpdateWorkflow.resources(update({ where: { id: 7 } }))).toEqual(['postgres/default/public/customers/id=7'])
})
