// The parsers port: bounded, never throwing, and the same answer for the same text.
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeParsers } from '../../src/adapters/parsers/node.ts'
import { parsersOver } from '../../src/adapters/parsers/parsers.ts'
import { type PgModule, sqlParser } from '../../src/adapters/parsers/sql.ts'
import { SQL_LENGTH_MAX, sqlDanger } from '../../src/adapters/parsers/sql_guard.ts'

const parsers = nodeParsers()
beforeAll(() => parsers.load(['sql', 'shell']))

describe('sql', () => {
  it.each([
    'SELECT 1',
    'SELECT 1; SELECT 2;',
    "SELECT '/*' || '('",
    'SELECT $tag$ ((( $x$ $tag$',
    '-- (((\nSELECT 1',
    '/* /* */ */ SELECT 1',
    'SELECT "a""b"',
    "SELECT E'\\''",
    "SELECT U&'\\0041'"
  ])('reads %s', (text) => {
    expect(parsers.sql(text)).toMatchObject({ ok: true })
  })

  it('gives no statements for a text that has none', () => {
    for (const text of ['', '  ', '-- x', '/* x */', ';', ';;']) expect(parsers.sql(text)).toEqual({ ok: true, tree: { stmts: [] } })
  })

  it.each([
    ['a NUL, behind which the parser would be blind', 'SELECT 1\0; DROP TABLE t', 'NUL'],
    ['half a surrogate pair', "SELECT '\ud83d'", 'surrogate'],
    ['more than 64 K', `SELECT '${'x'.repeat(SQL_LENGTH_MAX)}'`, 'longer than 65536'],
    ['comments nested too deeply', `${'/*'.repeat(65)}${'*/'.repeat(65)} SELECT 1`, 'comments are nested'],
    ['thousands of comments', `${'/**/'.repeat(1_001)} SELECT 1`, 'more than 1000 comments'],
    ['parentheses nested too deeply', `SELECT ${'('.repeat(65)}1${')'.repeat(65)}`, 'parentheses are nested'],
    ['brackets nested too deeply', `SELECT ARRAY${'['.repeat(65)}1${']'.repeat(65)}`, 'parentheses are nested'],
    ['what is no SQL', 'DROP TABLE `t`', 'syntax error']
  ])('refuses %s', (_name, text, error) => {
    expect(parsers.sql(text)).toMatchObject({ ok: false, error: expect.stringContaining(error) })
  })

  it.each([
    ['64 parentheses', `SELECT ${'('.repeat(64)}1${')'.repeat(64)}`],
    ['parentheses inside a string', `SELECT '${'('.repeat(500)}'`],
    ['parentheses inside a quoted name', `SELECT 1 AS "${'('.repeat(60)}"`],
    ['parentheses inside a dollar-quoted string', `SELECT $a$${'('.repeat(500)}$a$`],
    ['parentheses inside a comment', `/* ${'('.repeat(500)} */ SELECT 1 -- ${'('.repeat(500)}`],
    ['comment signs inside a string', `SELECT '${'/*'.repeat(500)}'`],
    ['parentheses after an escaped quote', `SELECT E'\\'${'('.repeat(100)}'`],
    ['parentheses in a continued escape string', `SELECT E'a'\n'\\'${'('.repeat(100)}'`],
    ['a parameter, which begins no dollar quote', 'SELECT $1, $2'],
    ['a name with a dollar', 'SELECT a$b$c FROM t']
  ])('takes no offence at %s', (_name, text) => {
    expect(sqlDanger(text)).toBeNull()
    expect(parsers.sql(text)).toMatchObject({ ok: true })
  })

  it.each([
    ['behind a string that ends early', `SELECT 'a' , ${'('.repeat(65)}`],
    ['behind a plain string that ends in a backslash', `SELECT 'a\\', ${'('.repeat(65)} '`],
    ['behind a quote inside a comment', `/* ' */ SELECT ${'('.repeat(65)} '`],
    ['behind a dollar sign inside a name', `SELECT a$$ , ${'('.repeat(65)} $$`],
    ['behind a tag that begins with a digit', `SELECT $1$ , ${'('.repeat(65)} $1$`],
    ['behind a quoted quote', `SELECT 'a''b', ${'('.repeat(65)} '`]
  ])('is not misled about depth %s', (_name, text) => {
    expect(sqlDanger(text)).toContain('nested')
  })

  it('takes time linear in the length of the worst texts', () => {
    for (const piece of ['/*', '(', "'", '"', '$', '$a$', '--', "E'", '*/', '\\', '-', 'NOT ', 'SELECT 1;']) {
      const started = performance.now()
      parsers.sql(`SELECT ${piece.repeat(Math.floor(65_000 / piece.length))}`)
      expect(performance.now() - started, piece).toBeLessThan(1_000)
    }
  })

  it('comes back after the module has run out of stack', async () => {
    expect(parsers.sql(`SELECT ${'1+'.repeat(15_000)}1`)).toEqual({ ok: false, error: 'it is too complex to parse' })
    await parsers.load(['sql'])
    expect(parsers.sql('SELECT 2 + 2')).toMatchObject({ ok: true })
  })

  it('keeps no memory of a text: ten thousand parses later the same text gives the same tree', () => {
    const before = JSON.stringify(parsers.sql('SELECT 1 FROM t WHERE a = 1'))
    for (let i = 0; i < 10_000; i++) parsers.sql(`SELECT ${i} FROM t WHERE`)
    expect(JSON.stringify(parsers.sql('SELECT 1 FROM t WHERE a = 1'))).toBe(before)
  })

  it('refuses every text until it is loaded, and when it cannot be', async () => {
    let fail = true
    const parser = sqlParser(() => (fail ? Promise.reject(new Error('no wasm')) : Promise.resolve(COUNTING)))
    expect(parser.parse('SELECT 1')).toEqual({ ok: false, error: 'the SQL parser is not loaded' })
    await expect(parser.load()).resolves.toBeUndefined()
    expect(parser.parse('SELECT 1')).toEqual({ ok: false, error: 'the SQL parser is not loaded' })
    fail = false
    await parser.load()
    expect(parser.parse('SELECT 1')).toEqual({ ok: true, tree: { stmts: [] } })
    expect(parser.load()).toBeUndefined()
  })

  it('frees everything that a parse allocated', async () => {
    const parser = sqlParser(() => Promise.resolve(COUNTING))
    await parser.load()
    held.clear()
    for (let i = 0; i < 100; i++) parser.parse(`SELECT ${i}`)
    expect(held.size).toBe(0)
  })
})

const held = new Set<number>()
let next = 8
function take(): number {
  held.add((next += 8))
  return next
}
/** A module that answers an empty tree and counts what it holds. */
const COUNTING: PgModule = {
  _malloc: take,
  _free: (pointer) => void held.delete(pointer),
  _wasm_parse_query_raw: take,
  _wasm_free_parse_result: (pointer) => void held.delete(pointer),
  getValue: (pointer) => (held.has(pointer) ? 1 : 0),
  UTF8ToString: () => '{}',
  stringToUTF8: () => undefined
}

describe('shell', () => {
  it.each([
    'ls',
    'a && b | c; d &',
    'cat <<E\nx\nE',
    'f() { x; }',
    'echo "$(a `b`)"',
    'case x in y) z;; esac',
    "echo $'\\x41'",
    'a > b 2>&1',
    ''
  ])('reads %s', (text) => {
    expect(parsers.shell(text)).toMatchObject({ ok: true, tree: { type: 'Script' } })
  })

  it.each([
    'a "',
    "a '",
    'a $(b',
    'if a; then',
    '(a',
    'a $(b "c)',
    'echo $(if x)',
    'a &&',
    'x\0y',
    'a'.repeat(65_537),
    `${'$('.repeat(250)}a${')'.repeat(250)}`
  ])('refuses what is broken or beyond all reason: %#', (text) => {
    expect(parsers.shell(text)).toMatchObject({ ok: false, error: expect.stringMatching(/./) })
  })

  it('gives plain JSON without positions', () => {
    const parsed = parsers.shell('git push "$X"')
    expect(parsed).toEqual(JSON.parse(JSON.stringify(parsed)))
    expect(JSON.stringify(parsed)).not.toContain('"pos"')
  })

  it('takes time linear in the length of the worst texts', () => {
    for (const piece of ['$(', '(', '"', '`', '${', '$((', '{a,', '<<E\n', 'a|', '[[ ', '\\']) {
      const started = performance.now()
      parsers.shell(piece.repeat(Math.floor(65_000 / piece.length)))
      expect(performance.now() - started, piece).toBeLessThan(1_000)
    }
  })
})

describe('url', () => {
  it('reads an address as a fetch would', () => {
    expect(parsers.url('HTTPS://Ada:pw@EXAMPLE.com:8443/a/../b?c#d')).toEqual({
      ok: true,
      tree: { protocol: 'https:', hostname: 'example.com', port: '8443', pathname: '/b', search: '?c', username: 'Ada', password: 'pw' }
    })
    expect(parsers.url('http://0x7f.1')).toMatchObject({ tree: { hostname: '127.0.0.1' } })
    expect(parsers.url('http://ｅxample.com')).toMatchObject({ tree: { hostname: 'example.com' } })
  })
  it.each(['', '/a', 'a', 'http://', '//a', 'http://a b'])('refuses %j', (text) => {
    expect(parsers.url(text)).toEqual({ ok: false, error: 'it is not an absolute URL' })
  })
})

describe('the port', () => {
  it('waits for nothing but SQL', () => {
    const own = parsersOver(() => new Promise(() => undefined))
    expect(own.load(['shell'])).toBeUndefined()
    expect(own.load([])).toBeUndefined()
    expect(own.load(['sql', 'shell'])).toBeInstanceOf(Promise)
  })
})
