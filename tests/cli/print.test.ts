import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { safeJson, table, visible } from '../../src/cli/print.ts'

// Drawn as nothing, moving the cursor, or turning the direction of what follows.
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

describe('visible', () => {
  test.each([
    ['plain', 'plain'],
    ['ünïcödé 漢字 🙂', 'ünïcödé 漢字 🙂'],
    ['\u001b[31mred', '\\u{1b}[31mred'],
    ['a\nb\tc\r', 'a\\u{a}b\\u{9}c\\u{d}'],
    ['\u202egnp.exe', '\\u{202e}gnp.exe'],
    ['a\u200bb\u2060c\ufeff', 'a\\u{200b}b\\u{2060}c\\u{feff}'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\u3164', '\\u{3164}'],
    ['\u009b2J', '\\u{9b}2J'],
    ['\ud800', '\\u{d800}']
  ])('%j is shown as %j', (text, shown) => expect(visible(text)).toBe(shown))

  test('no text can look like another, whatever it holds', () => {
    const text = fc.string({ unit: fc.constantFrom('\\', 'u', '{', '}', '1', 'b', '\u001b', '\u202e', 'a') })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(visible(a)).not.toMatch(DANGEROUS)
        if (a !== b) expect(visible(a)).not.toBe(visible(b))
      }),
      { seed: 5, numRuns: 2000 }
    )
  })
})

test('JSON for a terminal is the same value, and holds nothing dangerous but its own line breaks', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ stringUnit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\u202e', '\u001b', '\u{e0041}', '\u2028', '"', '\\', 'x') }),
      (value, nasty) => {
        const text = safeJson({ value, nasty, [nasty]: 1 })
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify({ value, nasty, [nasty]: 1 })))
        expect(text.replaceAll('\n', '')).not.toMatch(DANGEROUS)
      }
    ),
    { seed: 5, numRuns: 500 }
  )
})

test('columns are aligned by what is shown, and a cell cannot break its row', () => {
  expect(
    table([
      ['a\nb', 'x'],
      ['c', 'y']
    ])
  ).toBe('a\\u{a}b  x\nc        y')
})
