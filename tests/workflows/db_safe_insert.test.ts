// However many agents insert the same row at the same time, it is there once, and each of them is told the truth.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { JsonObject } from '../../src/engine/schema.ts'
import { dbSafeInsert } from '../../src/workflows/db_safe_insert.ts'
import { DRIVERS, openWorld } from '../connectors/postgres_world.ts'
import { dump, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'

let server: TestPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
}, START_TIMEOUT_MS)
afterAll(() => server.close())

/** Runs the workflow over the real connector, handing each call's result over as it came. */
async function insertWith(world: Awaited<ReturnType<typeof openWorld>>, payload: JsonObject) {
  const results: { kind: string; code?: string }[] = []
  const insert_row = async (input: JsonObject) => {
    const result = await world.run('insert_row', input)
    results.push(result)
    if (result.kind === 'failed') throw new Error(result.code)
    return result.kind === 'done' ? result.output : {}
  }
  await dbSafeInsert.run({ postgres: { insert_row } }, dbSafeInsert.payload.parse(payload) as JsonObject).catch(() => undefined)
  return results[0]!
}

describe.each(DRIVERS)('through %s', (driver) => {
  describe.each([
    ['with a unique index', 'CREATE UNIQUE INDEX ON people (email)', 'text'],
    ['without one', '', 'text'],
    ['where equal values are spelt differently', '', 'numeric']
  ])('%s', (_, index, type) => {
    test('of 50 writers at once one inserts, and the others are told ALREADY or duplicate', async () => {
      await refill(url, `CREATE TABLE people (id bigserial PRIMARY KEY, email ${type}, name text); ${index}`)
      const worlds = await Promise.all(
        Array.from({ length: 10 }, () => openWorld(url, driver, { tables: ['people'], lock_timeout_ms: 15_000 }))
      )
      const email = (i: number) => (type === 'text' ? 'ann@example.com' : i % 2 === 0 ? '1.0' : '1.00')
      // Half of them bring another name: for them the row that stands there is a duplicate.
      const results = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          insertWith(worlds[i % 10]!, { table: 'people', data: { email: email(i), name: i < 25 ? 'Ann' : 'Eve' }, unique_on: ['email'] })
        )
      )
      expect(await dump(url, 'people')).toHaveLength(1)
      expect(results.filter((result) => result.kind === 'done')).toHaveLength(1)
      expect(results.every((result) => result.kind === 'done' || result.kind === 'already' || result.code === 'duplicate')).toBe(true)
      const winner = results.findIndex((result) => result.kind === 'done') < 25 ? 0 : 1
      if (type === 'text') {
        for (const [i, result] of results.entries()) {
          if (result.kind !== 'done') expect(result.kind).toBe((i < 25 ? 0 : 1) === winner ? 'already' : 'failed')
        }
      }
      await Promise.all(worlds.map((world) => world.close()))
    })
  })

  test('writers of different values do not wait for each other', async () => {
    await refill(url, 'CREATE TABLE people (id bigserial PRIMARY KEY, email text)')
    const worlds = await Promise.all([1, 2, 3].map(() => openWorld(url, driver, { tables: ['people'] })))
    const results = await Promise.all(
      Array.from({ length: 12 }, (_, i) => insertWith(worlds[i % 3]!, { table: 'people', data: { email: `p${i}` }, unique_on: ['email'] }))
    )
    expect(results.map((result) => result.kind)).toEqual(Array(12).fill('done'))
    await Promise.all(worlds.map((world) => world.close()))
  })
})

test.each([
  [{ table: 'people', data: { email: 'a' }, unique_on: ['email'] }, true],
  [{ table: 'people', data: { email: 'a' }, actor_role: 'contractor', pii_fields: ['email'] }, true],
  [{ table: 'people', data: {} }, false],
  [{ table: 'people', data: { email: 'a' }, unique_on: [] }, false],
  [{ table: 'people', data: { email: 'a' }, where: {} }, false],
  [{ data: { email: 'a' } }, false]
])('payload %j is accepted: %s', (payload, isAccepted) => {
  expect(dbSafeInsert.payload.safeParse(payload).success).toBe(isAccepted)
})

test("what it locks is the place of the new row, so that only inserts of the same row stand in each other's way", () => {
  const resources = (email: string) => dbSafeInsert.resources({ table: 'people', data: { email, id: 1 }, unique_on: ['email'] })
  expect(resources('a@x')).toEqual(resources('a@x'))
  expect(resources('a@x')).not.toEqual(resources('b@x'))
  expect(resources('a@x')[0]).toMatch(/^postgres\/default\/public\/people\/email~[0-9a-f]{16}$/)
})
