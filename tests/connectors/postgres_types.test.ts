// Every type goes in, out, away and back without losing anything.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { dump, query, refill, START_TIMEOUT_MS, startPostgres, type TestPostgres } from '../fakes/postgres.ts'
import { outputOf } from './contract.ts'
import { DRIVERS, openWorld, type World } from './postgres_world.ts'

/** type → literals as Postgres prints them, the awkward ones. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '0'],
  bigint: ['9223372036854775807', '-9223372036854775808', '9007199254740993'],
  numeric: ['NaN', 'Infinity', '-Infinity', '0.1000', '123456789012345678901234567890.123456789'],
  'numeric(12,2)': ['1.50', '-0.01', 'NaN'],
  real: ['NaN', 'Infinity', '1e-45', '3.4028235e+38', '-0', '0.1'],
  'double precision': ['NaN', '-Infinity', '5e-324', '1.7976931348623157e+308', '-0', '0.30000000000000004'],
  money: ['$1,234.56', '-$0.01'],
  boolean: ['true', 'false'],
  text: ['', ' ', 'null', 'NULL', '\\N', "it's", 'a\nb\tc', '\\x41', '{}', '{"a"}', '日本語 \u202e🏳️‍🌈', '%s $1 ?'],
  'varchar(5)': ['', 'abcde', '     '],
  'char(5)': ['ab   ', '     '],
  bpchar: ['ab  ', ''],
  name: ['a_name'],
  '"char"': ['x', ''],
  bytea: ['\\x', '\\x00ff0a', '\\x5c78'],
  bit: ['1'],
  'bit(3)': ['101'],
  'bit varying(8)': ['', '1010'],
  date: ['2024-02-29', '0001-01-01', '4713-01-01 BC', 'infinity', '-infinity', '5874897-12-31'],
  time: ['23:59:59.999999', '24:00:00'],
  'time with time zone': ['01:02:03.000004+05:30'],
  timestamp: ['2026-01-02 03:04:05.678901', 'infinity', '0044-03-15 12:00:00 BC'],
  'timestamp(0)': ['2026-01-02 03:04:06'],
  'timestamp with time zone': ['2026-01-02 03:04:05.000001+00', '-infinity', '294276-12-31 23:59:59.999999+00'],
  interval: ['1 year 2 mons -3 days +04:05:06.789', '-1 days', '00:00:00.000001'],
  uuid: ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  json: ['{"b": 1,   "a": [1e400, 12345678901234567890], "a": "twice"}', 'null', '"text"'],
  jsonb: ['{"a": 12345678901234567890.10, "b": [null, {}]}', 'null', '"{}"', '0.10'],
  xml: ['<a b="1">x</a>', 'just text'],
  inet: ['192.168.0.1/32', '10.0.0.0/8', '::1/128'],
  cidr: ['10.0.0.0/8'],
  macaddr: ['08:00:2b:01:02:03'],
  point: ['(1.5,-2)'],
  box: ['(3,4),(1,2)'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1))'],
  circle: ['<(0,0),1.5>'],
  tsvector: ["'cat':1A 'it''s':2"],
  tsquery: ["'a' & !'b'"],
  int4range: ['[1,5)', 'empty', '(,10)'],
  tstzrange: ['["2026-01-01 00:00:00+00",infinity)'],
  int4multirange: ['{[1,3),[5,7)}'],
  oid: ['4294967295'],
  regclass: ['pg_class'],
  pg_lsn: ['16/B374D848'],
  'integer[]': ['{}', '{1,NULL,-3}', '{{1,2},{3,4}}', '[0:1]={7,8}'],
  'text[]': ['{NULL,"NULL","",a,"b c","q\\"uote","back\\\\slash","{}",","}', '{}'],
  'jsonb[]': ['{"{\\"a\\": \\"x,y\\"}",NULL,"null"}'],
  'bytea[]': ['{"\\\\x00ff",NULL}'],
  'timestamp with time zone[]': ['{"2026-01-02 03:04:05+00",infinity}'],
  'box[]': ['{(1,1),(0,0);(2,2),(1,1)}'],
  mood: ['happy', "so 'so'"],
  'mood[]': ['{happy,NULL}'],
  pair: ['(1,"a,b")', '(,)', '(1,)'],
  'pair[]': ['{"(1,\\"a,b\\")",NULL}'],
  positive: ['7'],
  'Odd Type': ['x']
}

const SEED = `
  CREATE TYPE mood AS ENUM ('happy', 'so ''so'''); CREATE TYPE pair AS (a int, b text);
  CREATE DOMAIN positive AS bigint CHECK (VALUE > 0); CREATE TYPE "Odd Type" AS ENUM ('x');
  ${Object.keys(TYPES)
    .map((type, i) => `CREATE TABLE t${i} (id int PRIMARY KEY, v ${type === 'Odd Type' ? '"Odd Type"' : type});`)
    .join('\n')}`

let server: TestPostgres
let url: string
beforeAll(async () => {
  server = await startPostgres()
  url = await server.database()
  // Settings under which a careless client prints something else.
  await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET DateStyle = 'SQL, DMY'`)
  for (const setting of [
    `IntervalStyle = 'sql_standard'`,
    `TimeZone = 'Asia/Kolkata'`,
    'extra_float_digits = -5',
    `bytea_output = 'escape'`
  ]) {
    await query(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${setting}`)
  }
}, START_TIMEOUT_MS)
afterAll(() => server.close())

describe.each(DRIVERS)('through %s', (driver) => {
  let world: World
  beforeAll(async () => {
    await refill(url, SEED)
    world = await openWorld(url, driver, { tables: ['*'] })
  })
  afterAll(() => world.close())

  test.each(Object.entries(TYPES).map(([type, values], i) => [type, values, `t${i}`] as const))(
    '%s: deleted and changed rows come back to the last byte',
    async (type, values, table) => {
      await query(url, `TRUNCATE ${table}`)
      const literals = [...values, null]
      for (const [i, value] of literals.entries())
        await query(
          url,
          `SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; INSERT INTO ${table} VALUES (${i + 1}, ${value === null ? 'NULL' : `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`})`
        )
      const binary = () => query(url, `SELECT id, encode(record_send(t), 'hex') FROM ${table} AS t ORDER BY id`)
      const before = [await dump(url, table), await binary()]

      const deleted = await world.make('delete_row', { table, where: { id: { gte: 1 } } })
      expect(await dump(url, table)).toEqual([])
      expect(await world.undo(deleted.inverse)).toMatchObject({ kind: 'done', output: { affected: literals.length } })
      expect([await dump(url, table), await binary()]).toEqual(before)

      const updated = await world.make('update_row', { table, where: { v: { is_null: false } }, data: { v: null } })
      expect(await world.undo(updated.inverse)).toMatchObject({ kind: 'done' })
      expect([await dump(url, table), await binary()]).toEqual(before)

      // What is printed can be sent again as a string and is the same value.
      for (const image of (deleted.output as { before: { id: string; v: string | null }[] }).before) {
        if (image.v === null || /json/.test(type) || image.v.startsWith('{') || image.v.startsWith('[0:')) continue
        expect(await world.run('update_row', { table, where: { id: Number(image.id) }, data: { v: image.v } })).toMatchObject({
          kind: 'already',
          what: 'updated'
        })
      }
      expect([await dump(url, table), await binary()]).toEqual(before)
    }
  )

  test('JSON values are stored as what they are, and read back without losing a digit', async () => {
    await refill(
      url,
      `CREATE TABLE j (id bigint PRIMARY KEY, doc jsonb, tags text[], nums bigint[][], docs jsonb[], n numeric, f float8, ok boolean, small int, at timestamptz, local timestamp, day date)`
    )
    const data = {
      id: '9223372036854775807',
      doc: { a: [1, 'x', null, { b: true }] },
      tags: ['a"b', null, '{}', ''],
      nums: [
        ['1', '9007199254740993'],
        ['3', null]
      ],
      docs: [{ a: 1 }, null, 'x'],
      n: '12345678901234567890.10',
      f: 0.1,
      ok: false,
      small: -7,
      at: '2026-03-01T10:00:00.123456+02:00',
      local: '2026-03-01T10:00:00',
      day: '2026-03-01'
    }
    const { row } = outputOf(await world.run('insert_row', { table: 'j', data }))
    expect(row).toEqual({ ...data, at: '2026-03-01T08:00:00.123456Z' })
    expect(outputOf(await world.run('select_rows', { table: 'j' }))).toEqual({ table: 'public.j', rows: [row], has_more: false })
    expect(await world.run('insert_row', { table: 'j', data })).toMatchObject({ kind: 'already', what: 'created' })
  })

  test('numbers that JSON cannot keep come back as text', async () => {
    await refill(
      url,
      `CREATE TABLE j (id int PRIMARY KEY, f float8, doc jsonb); INSERT INTO j VALUES (1, 'NaN', '{"big": 12345678901234567890}'), (2, '-Infinity', '1e400'), (3, '-0', '[0.1, "12345678901234567890"]')`
    )
    const { rows } = outputOf(await world.run('select_rows', { table: 'j', columns: ['f', 'doc'] }))
    expect(JSON.parse(JSON.stringify(rows))).toEqual([
      { f: 'NaN', doc: '{"big": 12345678901234567890}' },
      { f: '-Infinity', doc: `1${'0'.repeat(400)}` },
      { f: '-0', doc: [0.1, '12345678901234567890'] }
    ])
  })

  test.each([
    ['a number beyond 2^53', { n: 2 ** 60 }, 'send it as a string'],
    ['an object in a text column', { s: { a: 1 } }, 'an object cannot be stored'],
    ['an array in a text column', { s: ['a'] }, 'not an array'],
    ['half of a surrogate pair', { s: 'a\ud800' }, 'surrogate'],
    ['a zero byte', { s: 'a\u0000b' }, ''],
    ['text in a number column', { n: '1; DROP TABLE v' }, ''],
    ['text longer than its column', { c: 'abcd' }, 'too long']
  ])('%s is refused before anything is stored', async (_, data, said) => {
    await refill(url, `CREATE TABLE v (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n bigint, s text, c varchar(3))`)
    expect(await world.run('insert_row', { table: 'v', data })).toMatchObject({
      kind: 'failed',
      code: 'bad_value',
      effect: 'none',
      message: expect.stringContaining(said)
    })
    expect(await dump(url, 'v')).toEqual([])
  })
})
