// A run that was held up until its lock was gone: whatever it still writes is refused by the database itself.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { memoryLocks } from '../../src/adapters/locks/index.ts'
import type { CallContext } from '../../src/engine/connector.ts'
import type { LeaseAnswer, LockOwner } from '../../src/engine/index.ts'
import { dump, hold, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { newCall, outputOf } from './contract.ts'
import { DRIVERS, openWorld, type World } from './postgres_world.ts'

const SEED = `DROP TABLE IF EXISTS enact_fencing; CREATE TABLE customers (id int PRIMARY KEY, name text); INSERT INTO customers VALUES (1, 'Ann'), (2, 'Bob');
  CREATE TABLE orders (id int PRIMARY KEY, item text); INSERT INTO orders VALUES (1, 'pen')`
const CUSTOMERS = 'postgres/default/public/customers'
const ORDERS = 'postgres/default/public/orders'

let server: TestPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
}, START_TIMEOUT_MS)
afterAll(() => server.close())

/** A call of a run that holds these. */
const holding = (...tokens: (readonly [string, number])[]): CallContext & { notes: object[] } =>
  newCall({ fencing: tokens.map(([resource, fencing_token]) => ({ resource, fencing_token })) })
const rename = (id: number, name: string) => ({ table: 'customers', where: { id }, data: { name } })
const stale = { kind: 'failed', code: 'stale_fencing_token', effect: 'none' }
const remembered = () => query(url, 'SELECT scope, resource, fencing_token FROM enact_fencing ORDER BY 1, 2')

describe.each(DRIVERS)('through %s', (driver) => {
  let world: World
  beforeEach(async () => {
    await refill(url, SEED)
    world = await openWorld(url, driver, { tables: ['*'] })
    return () => world.close()
  })

  test('a stale holder’s write is refused and changes nothing, the newer holder’s is done', async () => {
    let now = 1_000
    const locks = memoryLocks({ now: () => now })
    const take = (run_id: string) =>
      locks.ask('acme', {
        type: 'acquire',
        lock_id: run_id,
        owner: ownerOf(run_id),
        holder: run_id,
        wants: [{ resource: CUSTOMERS, mode: 'exclusive' }],
        ttlMs: 1_000,
        waitMs: 0
      })
    const first = tokensOf(await take('run-1'))
    now += 1_000
    const second = tokensOf(await take('run-2'))
    outputOf(await world.run('update_row', rename(1, 'second'), newCall({ fencing: second })))
    const late = await world.run('update_row', rename(1, 'first'), newCall({ fencing: first }))
    expect(late).toMatchObject({ ...stale, message: expect.stringContaining(`\`${CUSTOMERS}\``) })
    expect(await dump(url, 'customers')).toEqual(['(1,second)', '(2,Bob)'])
    expect(await remembered()).toEqual([['', CUSTOMERS, String(second[0]!.fencing_token)]])
  })

  test.each([
    ['insert_row', { table: 'customers', data: { id: 3, name: 'Cy' } }],
    ['update_row', rename(1, 'X')],
    ['delete_row', { table: 'customers', where: { id: 1 } }]
  ])('%s under a stale token leaves rows, journal and remembered tokens as they are', async (action, input) => {
    outputOf(await world.run('update_row', rename(2, 'Eve'), holding([CUSTOMERS, 7])))
    const before = await dump(url, 'customers')
    const call = holding([CUSTOMERS, 6], [ORDERS, 9])
    expect(await world.run(action, input, call)).toMatchObject(stale)
    expect([await dump(url, 'customers'), call.notes, await remembered()]).toEqual([before, [], [['', CUSTOMERS, '7']]])
  })

  test.each<[string, (readonly [string, number])[], (readonly [string, number])[], boolean]>([
    ['an older one of the same resource', [[CUSTOMERS, 7]], [[CUSTOMERS, 6]], false],
    ['the same again', [[CUSTOMERS, 7]], [[CUSTOMERS, 7]], true],
    ['an older one of the resource above', [[`${CUSTOMERS}/id=1`, 7]], [[CUSTOMERS, 6]], false],
    ['an older one of a resource below', [[CUSTOMERS, 7]], [[`${CUSTOMERS}/id=1`, 6]], false],
    ['an older one of another row', [[`${CUSTOMERS}/id=1`, 7]], [[`${CUSTOMERS}/id=2`, 6]], true],
    ['an older one of a row whose name only begins alike', [[`${CUSTOMERS}/id=1`, 7]], [[`${CUSTOMERS}/id=10`, 6]], true],
    ['an older one of a table whose name only begins alike', [[CUSTOMERS, 7]], [[`${CUSTOMERS}0`, 6]], true],
    [
      'an older one of a row, by a run that took its table later',
      [[CUSTOMERS, 9]],
      [
        [`${CUSTOMERS}/id=1`, 6],
        [CUSTOMERS, 9]
      ],
      true
    ],
    [
      'an old one of a row that was lost, beside a new one elsewhere',
      [[`${CUSTOMERS}/id=1`, 7]],
      [
        [`${CUSTOMERS}/id=1`, 6],
        [ORDERS, 8]
      ],
      false
    ],
    ['an old one of the whole system', [[ORDERS, 7]], [['postgres', 6]], false],
    ['one of another system, which is not this one’s to enforce', [['github/acme/app', 7]], [['github/acme/app', 6]], true]
  ])('after a write under its token, %s', async (_what, before, after, isDone) => {
    outputOf(await world.run('update_row', rename(2, 'before'), holding(...before)))
    const result = await world.run('update_row', rename(1, 'after'), holding(...after))
    if (isDone) outputOf(result)
    else expect(result).toMatchObject(stale)
  })

  test('two who write at once cannot both miss the other: the older waits for the newer, and is refused', async () => {
    const patiently = await openWorld(url, driver, { tables: ['*'], lock_timeout_ms: 20_000, statement_timeout_ms: 20_000 })
    outputOf(await world.run('update_row', rename(1, 'made the table'), holding([ORDERS, 1])))
    const entered = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    const slow = { ...holding([`${CUSTOMERS}/id=1`, 6]), timeoutMs: 20_000, note: async () => (entered.resolve(), gate.promise) }
    const newer = patiently.run('update_row', rename(1, 'newer'), slow)
    await entered.promise
    // Somebody else's row is nobody's to wait for.
    outputOf(await world.run('update_row', rename(2, 'beside'), holding([`${CUSTOMERS}/id=2`, 4])))
    const older = patiently.run('update_row', rename(1, 'older'), { ...holding([CUSTOMERS, 5]), timeoutMs: 20_000 })
    await expect
      .poll(
        async () =>
          (await query(url, `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'`))[0]![0],
        { timeout: 10_000 }
      )
      .toBe('1')
    gate.resolve()
    outputOf(await newer)
    expect(await older).toMatchObject(stale)
    expect(await dump(url, 'customers')).toEqual(['(1,newer)', '(2,beside)'])
    await patiently.close()
  })

  test('twelve first writers at once make the table once', async () => {
    const worlds = await Promise.all(Array.from({ length: 12 }, () => openWorld(url, driver, { tables: ['*'] })))
    const results = await Promise.all(
      worlds.map((one, i) =>
        one.run('insert_row', { table: 'customers', data: { id: 10 + i, name: 'x' } }, holding([`${CUSTOMERS}/id=${10 + i}`, 1]))
      )
    )
    expect(results.map(({ kind }) => kind)).toEqual(results.map(() => 'done'))
    expect(await remembered()).toHaveLength(12)
    await Promise.all(worlds.map((one) => one.close()))
  })

  test('a write that is not done raises nothing; without tokens, and with `off`, nothing is asked', async () => {
    expect(await world.run('update_row', rename(99, 'nobody'), holding([CUSTOMERS, 9]))).toMatchObject({
      kind: 'failed',
      code: 'no_such_row'
    })
    outputOf(await world.run('update_row', rename(1, 'free')))
    const off = await openWorld(url, driver, { tables: ['*'], fencing: 'off' })
    outputOf(await off.run('update_row', rename(1, 'off'), holding([CUSTOMERS, 3])))
    await off.close()
    expect(await query(url, `SELECT to_regclass('enact_fencing')`)).toEqual([[null]])
  })

  test('no action reaches what is remembered, whatever the allow list says', async () => {
    outputOf(await world.run('update_row', rename(1, 'x'), holding([CUSTOMERS, 9])))
    const table = 'enact_fencing'
    const attacks = [
      world.run('select_rows', { table }),
      world.run('delete_row', { table, where: { scope: '' } }),
      world.run('update_row', { table: 'public.enact_fencing', where: { scope: '' }, data: { fencing_token: 0 } }),
      world.run('insert_row', { table: '"enact_fencing"', data: { scope: '', resource: ORDERS, fencing_token: 99 } })
    ]
    for (const answer of await Promise.all(attacks)) expect(answer).toMatchObject({ kind: 'failed', code: 'table_not_allowed' })
  })

  test('teams that share a database do not outrank each other', async () => {
    const other = await openWorld(url, driver, { tables: ['*'], fencing_scope: 'other' })
    outputOf(await world.run('update_row', rename(1, 'x'), holding([CUSTOMERS, 9])))
    outputOf(await other.run('update_row', rename(1, 'y'), holding([CUSTOMERS, 1])))
    expect(await other.run('update_row', rename(1, 'z'), holding([CUSTOMERS, 0]))).toMatchObject(stale)
    await other.close()
  })

  test('where the table is missing and may not be made, a write is refused with what to do', async () => {
    await query(
      url,
      `DROP ROLE IF EXISTS clerk; CREATE ROLE clerk LOGIN PASSWORD 'clerk'; REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO clerk; GRANT ALL ON customers TO clerk`
    )
    const clerk = new URL(url)
    clerk.username = 'clerk'
    clerk.password = 'clerk'
    const limited = await openWorld(clerk.href, driver, { tables: ['customers'] })
    const refused = await limited.run('update_row', rename(1, 'x'), holding([CUSTOMERS, 9]))
    expect(refused).toMatchObject({
      kind: 'failed',
      code: 'no_fencing_table',
      effect: 'none',
      message: expect.stringContaining('CREATE TABLE')
    })
    await query(url, /`(CREATE TABLE[^`]*)`/.exec((refused as { message: string }).message)![1]!)
    await query(url, 'GRANT SELECT, INSERT, UPDATE ON enact_fencing TO clerk')
    outputOf(await limited.run('update_row', rename(1, 'x'), holding([CUSTOMERS, 9])))
    await limited.close()
    await query(url, 'DROP OWNED BY clerk; DROP ROLE clerk; DROP TABLE enact_fencing')
  })
})

test('a held-up transaction that took its tokens keeps older ones out only as long as it lasts', async () => {
  await refill(url, SEED)
  const world = await openWorld(url, 'pg', { tables: ['*'], lock_timeout_ms: 200 })
  const release = await hold(url, `SELECT FROM customers WHERE id = 1 FOR UPDATE`)
  expect(await world.run('update_row', rename(1, 'late'), holding([CUSTOMERS, 8]))).toMatchObject({ kind: 'failed', code: 'lock_timeout' })
  await release()
  outputOf(await world.run('update_row', rename(1, 'older'), holding([CUSTOMERS, 5])))
  await world.close()
})

function ownerOf(run_id: string): LockOwner {
  return { api_key_id: 'key', run_id }
}

function tokensOf(answer: LeaseAnswer) {
  if (answer.kind !== 'granted') throw new Error(answer.kind)
  return answer.holds.map(({ resource, fencing_token }) => ({ resource, fencing_token }))
}
