// SQL read as PostgreSQL reads it: every regression statement, and no respelling that turns a deny into an allow.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { readSql } from '../../src/engine/sql.ts'
import { tableNames, tablesIn } from '../../src/engine/sql_names.ts'
import { unfilteredChange } from '../../src/engine/sql_filter.ts'

const parsers = nodeParsers()
beforeAll(() => parsers.load(['sql']))

const corpus = join(import.meta.dirname, '..', '..', '..', 'shared', 'corpora', 'postgres_regress')
const hasCorpus = existsSync(corpus)
if (!hasCorpus) console.warn('skipped: no corpora')

describe.skipIf(!hasCorpus)(`PostgreSQL's regression tests${hasCorpus ? '' : ' (skipped: no corpora)'}`, () => {
  it('every statement is read or refused with a reason, never a crash', async () => {
    let read = 0
    const refused: string[] = []
    for (const file of readdirSync(corpus).filter((name) => name.endsWith('.sql'))) {
      for (const text of statementsOf(readFileSync(join(corpus, file), 'utf8'))) {
        await parsers.load(['sql'])
        const found = readSql(text, parsers)
        if (found.ok) read++
        else refused.push(text)
        if (!found.ok) expect(found.error.length).toBeGreaterThan(10)
      }
    }
    expect(read).toBeGreaterThan(40_000)
    // psql's own variables and statements that are wrong on purpose.
    expect(refused.length / read).toBeLessThan(0.03)
  }, 120_000)
})

/** The statements of a psql script, its own commands (`\\gset`) left out. */
function statementsOf(script: string): string[] {
  const statements = ['']
  for (const [token] of script
    .replace(/\\[a-z].*$/gm, '')
    .matchAll(/\$(\w*)\$[\s\S]*?\$\1\$|'(?:''|[^'])*'|--[^\n]*|\/\*[\s\S]*?\*\/|;|[^$'\-/;]+|./g)) {
    if (token === ';') statements.push('')
    else statements[statements.length - 1] += token
  }
  return statements.filter((text) => text.trim() !== '')
}

describe('a summary', () => {
  const summary = (text: string) => {
    const read = readSql(text, parsers)
    if (!read.ok) throw new Error(read.error)
    return read.tree
  }
  it('names each table once, with the schema that was written', () => {
    expect(summary('SELECT * FROM a, s.a, A, "A", S.a').tables).toEqual([
      { schema: null, name: 'a' },
      { schema: 's', name: 'a' },
      { schema: null, name: 'A' }
    ])
  })
  it('is made once per tree', () => {
    expect(readSql('SELECT 42', parsers)).toBe(readSql('SELECT 42', parsers))
  })
  it('tells a sub-select from a CTE of the same name by scope', () => {
    expect(summary('WITH a AS (SELECT 1) SELECT * FROM a').tables).toEqual([])
    expect(summary('WITH b AS (WITH a AS (SELECT 1) SELECT * FROM a) SELECT * FROM a').tables).toEqual([{ schema: null, name: 'a' }])
    expect(summary('WITH b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM b').tables).toEqual([{ schema: null, name: 'a' }])
    expect(summary('WITH RECURSIVE b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM b').tables).toEqual([])
  })
  it('refuses a tree that is too deep to follow', () => {
    expect(readSql(`SELECT 1 FROM a${' JOIN b ON true'.repeat(2_000)}`, parsers)).toEqual({
      ok: false,
      error: 'SQL that cannot be read: it is nested too deeply'
    })
  })
  it('reads a thousand conditions and values without complaint', () => {
    expect(summary(`SELECT * FROM t WHERE ${Array.from({ length: 1_000 }, (_, i) => `a = ${i}`).join(' OR ')}`).count).toBe(1)
    expect(summary(`INSERT INTO t VALUES ${Array.from({ length: 3_000 }, (_, i) => `(${i}, 'x')`).join(', ')}`).count).toBe(1)
  })
})

describe('names of tables', () => {
  it.each([
    ['customers', null, 'customers'],
    ['public.customers', 'public', 'customers'],
    ['"A.b"', null, 'A.b'],
    ['"a""b".c', 'a"b', 'c'],
    ['db.s.t', 's', 't'],
    [' s . t ', 's', 't'],
    ['order-items', null, 'order-items'],
    ['таблица', null, 'таблица']
  ])('%s', (text, schema, name) => {
    expect(tableNames(text)).toEqual([{ schema, name }])
  })
  it.each(['', ' ', '.', 'a.', '.a', 'a.b.c.d', '"a', 'a"b"', 'a;b', "a'b", 'a--b', 'a/*b', '(a)', 'a,b', 'a\0b'])('%j is none', (text) => {
    expect(tableNames(text)).toBeNull()
  })
  it('reads an alias as a second possibility', () => {
    expect(tableNames('customers c')).toEqual([
      { schema: null, name: 'customers c' },
      { schema: null, name: 'customers' }
    ])
  })
  it('takes a prototype member for no table', () => {
    expect(tablesIn(['customers'])({ schema: null, name: 'constructor' })).toBeUndefined()
  })
})

// Respellings that leave the meaning alone.
const space = fc.constantFrom(' ', '\n', '\t', '  ', ' /* x */ ', ' -- WHERE id = 5\n', ' /* /* a */ */ ')
const cased = (word: string) =>
  fc
    .array(fc.boolean(), { minLength: word.length, maxLength: word.length })
    .map((ups) => [...word].map((letter, i) => (ups[i] ? letter.toUpperCase() : letter.toLowerCase())).join(''))
const table = fc.oneof(
  cased('customers'),
  fc.constantFrom('"customers"', 'public.customers', '"public"."customers"', 'PUBLIC . customers', 'U&"\\0063ustomers"')
)
const open = fc.constantFrom(
  '',
  'WHERE true',
  'WHERE 1=1',
  'WHERE (1=1)',
  'WHERE id=id',
  'WHERE id = 5 OR true',
  'WHERE NOT false',
  "WHERE 'a'='a'"
)
const prefix = fc.constantFrom('', 'SELECT 1;', 'BEGIN;', 'WITH x AS (SELECT 1)', 'EXPLAIN ANALYZE', ';;', "SELECT ';' ;", 'PREPARE p AS')
const destructive = fc
  .tuple(prefix, cased('delete'), cased('from'), table, open, space, space, space)
  .map(([before, verb, from, name, tail, a, b, c]) => `${before}${a}${verb}${b}${from}${c}${name}${a}${tail}`)

describe('respelling never turns a deny into an allow', () => {
  it('of a DELETE that picks no rows', () => {
    fc.assert(
      fc.property(destructive, (text) => {
        const found = unfilteredChange(['DELETE'], undefined, text, parsers)
        expect(found.ok && found.tree === null, text).toBe(false)
      }),
      { seed: 7, numRuns: 500 }
    )
  })
  it('of a protected table', () => {
    const listed = tablesIn(['customers'])
    fc.assert(
      fc.property(destructive, (text) => {
        const read = readSql(text, parsers)
        expect(read.ok && !read.tree.tables.some((name) => listed(name) !== undefined), text).toBe(false)
      }),
      { seed: 8, numRuns: 500 }
    )
  })
  it('nor an allow into a deny: a filtered DELETE stays one', () => {
    fc.assert(
      fc.property(
        cased('delete'),
        table,
        space,
        space,
        fc.constantFrom('id = 5', 'id IN (1, 2)', "name = 'x' AND true", '(id = 5)'),
        (verb, name, a, b, condition) => {
          expect(unfilteredChange(['DELETE'], undefined, `${verb}${a}FROM${b}${name}${a}WHERE${b}${condition}`, parsers)).toEqual({
            ok: true,
            tree: null
          })
        }
      ),
      { seed: 9, numRuns: 300 }
    )
  })
  it('and no text at all makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(typeof readSql(text, parsers).ok).toBe('boolean')
        expect(typeof unfilteredChange(['DELETE'], text, undefined, parsers).ok).toBe('boolean')
      }),
      { seed: 10, numRuns: 500 }
    )
  })
})
