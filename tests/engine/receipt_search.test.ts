import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/engine/fault.ts'
import { matchesPattern, matchesSearch } from '../../src/engine/receipt_match.ts'
import { momentOf, parseSearch, patternOf, printSearch, SEARCH_LIMITS } from '../../src/engine/receipt_search.ts'
import { receiptOf } from '../adapters/receipt_samples.ts'
import { searches } from '../adapters/search_samples.ts'

const terms = (text: string) => parseSearch(text).map(({ field, not, values }) => `${not ? '-' : ''}${field}=${values.join('|')}`)
const faultOf = (text: string) => {
  try {
    parseSearch(text)
  } catch (error) {
    expect(error).toBeInstanceOf(Fault)
    return error as Fault
  }
  throw new Error(`\`${text}\` was taken`)
}

describe('a search', () => {
  test.each([
    ['', []],
    ['  \n\t ', []],
    ['customers "delete from" -staging', ['text=customers', 'text=delete from', '-text=staging']],
    ['decision:BLOCK,pass -outcome:failed', ['decision=block|pass', '-outcome=failed']],
    ['Agent:dev workflow:rollback:* policy:"a, b",c', ['agent=dev', 'workflow=rollback:*', 'policy=a, b|c']],
    ['since:24h until:2026-03-01T00:00:00Z', ['since=24h', 'until=2026-03-01T00:00:00Z']],
    ['"decision:pass" "-x" - 5:30 a"b', ['text=decision:pass', 'text=-x', 'text=-', 'text=5:30', 'text=a"b']],
    [String.raw`"say \"no\" to C:\temp\\"`, [String.raw`text=say "no" to C:\temp` + '\\']]
  ])('%j is read as %j', (text, expected) => expect(terms(text)).toEqual(expected))

  test('knows where each of its terms stands', () => {
    const text = ' a  -decision:pass "b c"'
    expect(parseSearch(text).map(({ start, end }) => text.slice(start, end))).toEqual(['a', '-decision:pass', '"b c"'])
  })

  test.each([
    ['verdict:pass', '`verdict:pass` at character 1 has no known qualifier'],
    ['a constructor:x', '`constructor:x` at character 3 has no known qualifier'],
    ['__proto__:x', 'has no known qualifier'],
    ['https://example.com', 'put it in quotes'],
    ['ok decision:maybe', '`decision:maybe` at character 4 is not one of pass'],
    ['decision:', 'needs a value'],
    ['decision:pass,', 'needs a value'],
    ['agent:,x', 'needs a value'],
    ['since:yesterday', 'is not RFC 3339'],
    ['since:1h,2h', 'takes one time'],
    ['until:2026-13-01', 'is not RFC 3339'],
    ['"open', '`"open` at character 1 has no closing quote'],
    ['""', 'has nothing in its quotes'],
    ['"a"b', 'goes on after its closing quote'],
    ['policy:"a"b', 'goes on after its closing quote'],
    ['workflow:*a*b*c*d', 'more than 3 `*`'],
    [`workflow:*${'x'.repeat(60)}`, 'too long for `*`'],
    [`workflow:*${'['.repeat(20)}`, 'too long for `*`'],
    ['a\0b', 'holds a character that no text has'],
    ['a\ud800b', 'holds a character that no text has'],
    ['x'.repeat(1001), 'is longer than 1000'],
    ['a '.repeat(25), 'more than 24 terms'],
    [`policy:${'a,'.repeat(32)}a`, 'more than 32 values']
  ])('%j is refused, and the refusal says where and why', (text, detail) => {
    const fault = faultOf(text)
    expect(fault).toMatchObject({ code: 'invalid', errors: [{ pointer: '/search' }] })
    expect(fault.detail).toContain(detail)
  })

  test('printed and read again is the same search', () => {
    fc.assert(
      fc.property(searches(), (search) => {
        const again = parseSearch(printSearch(search)).map(({ field, not, values }) => ({ field, not, values }))
        expect(again).toEqual(search)
      }),
      { seed: 4, numRuns: 2_000 }
    )
  })

  test('whatever the text, it is read or refused with a place, and what is read can be printed', () => {
    const letters = fc.constantFrom(
      '-',
      '"',
      ':',
      ',',
      '*',
      ' ',
      '\\',
      '\n',
      'a',
      'decision:',
      'agent:',
      'since:',
      'pass',
      '24h',
      '\0',
      '\ud83d',
      '%',
      "'",
      '['
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(letters, { maxLength: 40 }).map((all) => all.join(''))
        ),
        (text) => {
          try {
            const read = parseSearch(text)
            expect(parseSearch(printSearch(read)).map(({ values }) => values)).toEqual(read.map(({ values }) => values))
          } catch (error) {
            if (!(error instanceof Fault)) throw error
            expect(error).toMatchObject({ code: 'invalid', errors: [{ pointer: '/search' }] })
          }
        }
      ),
      { seed: 4, numRuns: 3_000 }
    )
  })

  test('of any length takes no longer than its length: a megabyte of quotes, minus signs or commas is refused at once', () => {
    for (const text of ['"', '-', ',', ' ', 'a:', '\\"', '*'].map((piece) => piece.repeat(1_000_000)))
      expect(faultOf(text).detail).toContain(`${SEARCH_LIMITS.chars}`)
  })
})

describe('a pattern', () => {
  test.each([
    ['agent', 'dev', 'dev@x.com', true],
    ['agent', 'DEV', 'dev@x.com', true],
    ['agent', 'dev@x.co', 'dev@x.com', false],
    ['agent', '*@x.com', 'dev@x.com', true],
    ['agent', '*', '', true],
    ['workflow', 'roll', 'rollback:a', false],
    ['workflow', 'roll*', 'rollback:a', true],
    ['workflow', 'a*a', 'a', false],
    ['workflow', 'a*a', 'aa', true],
    ['workflow', 'a*b*c', 'a-b-b-c', true],
    ['workflow', 'a*bc*c', 'abc', false],
    ['workflow', '[a]?', 'a1', false],
    ['key', 'a*', 'ab', false]
  ] as const)('%s:%s on `%s` is %s', (field, value, text, expected) => {
    expect(matchesPattern(text, patternOf(field, value))).toBe(expected)
  })
})

test.each([
  ['15m', 1_000_000 - 900_000],
  ['1w', 1_000_000 - 604_800_000],
  ['2026-03-01', Date.UTC(2026, 2, 1)],
  ['0x10', null],
  ['-5m', null],
  ['99999h', null],
  ['2026-03-01T00:00:00+01:00', null]
])('the time %s is %j', (text, expected) => expect(momentOf(text, 1_000_000)).toBe(expected))

test('a search that asks for what waits matches no receipt, and its opposite all', () => {
  const receipt = receiptOf(1)
  expect(matchesSearch(receipt, parseSearch('decision:held'), 0)).toBe(false)
  expect(matchesSearch(receipt, parseSearch('-decision:held'), 0)).toBe(true)
  expect(matchesSearch(receipt, parseSearch('-key:nobody'), 0)).toBe(true)
})

test('the language and its matcher load nothing heavy: no package at all, and few files', async () => {
  const loaded = new Set<string>()
  const load = async (file: URL): Promise<void> => {
    if (loaded.has(file.href)) return
    loaded.add(file.href)
    const text = await readFile(file, 'utf8')
    for (const [, clause = '', target = ''] of text.matchAll(/^import ([^'"]*?)from '([^']+)'/gm)) {
      // A clause of types alone leaves nothing in the bundle.
      const isType = clause.startsWith('type ')
      if (isType) continue
      expect(target).toMatch(/^\.\//)
      await load(new URL(target, file))
    }
  }
  await load(new URL('../../src/engine/receipt_match.ts', import.meta.url))
  expect([...loaded].map((href) => href.split('/').at(-1)).toSorted()).toEqual([
    'bytes.ts',
    'canonical.ts',
    'fault.ts',
    'pointer.ts',
    'receipt_match.ts',
    'receipt_search.ts'
  ])
})
