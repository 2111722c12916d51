import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { visible, visibleLines } from '../../src/engine/visible.ts'

const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|(?! )\p{Zs}/u
const SPECIAL = [
  '\u202e',
  '\u2066',
  '\u200b',
  '\u200d',
  '\ufeff',
  '\u00ad',
  '\u00a0',
  '\u3000',
  '\u2028',
  '\ud800',
  '\udfff',
  '\u{e0041}',
  '\ufe0f',
  '\u3164',
  '\u2800',
  '\n',
  '\t',
  '\x1b',
  '\0',
  '⟨',
  '⟩',
  '⟨U+202E⟩',
  ' ',
  'a',
  'é',
  '漢',
  '👍'
]
const text = fc
  .array(fc.oneof(fc.constantFrom(...SPECIAL), fc.string({ unit: 'binary' })), { maxLength: 12 })
  .map((parts) => parts.join(''))

describe('visible', () => {
  test.each([
    ['plain text', 'plain text'],
    ['Straße 漢字 👍 é', 'Straße 漢字 👍 é'],
    ['pay\u202e001\u202c', 'pay⟨U+202E⟩001⟨U+202C⟩'],
    ['ad\u200bmin', 'ad⟨U+200B⟩min'],
    ['a\u00a0b', 'a⟨U+00A0⟩b'],
    ['x\x1b[2Jy', 'x⟨U+001B⟩[2Jy'],
    ['a\r\nb', 'a⟨U+000D⟩⟨U+000A⟩b'],
    ['\u{e0041}', '⟨U+E0041⟩'],
    ['\u3164', '⟨U+3164⟩'],
    ['\ud800', '⟨U+D800⟩'],
    ['⟨U+202E⟩', '⟨U+27E8⟩U+202E⟩']
  ])('shows %j as %j', (given, wanted) => {
    expect(visible(given)).toBe(wanted)
  })

  test('its result holds nothing hidden, whatever goes in', () => {
    fc.assert(
      fc.property(text, (given) => !HIDDEN.test(visible(given))),
      { seed: 1, numRuns: 5_000 }
    )
  })

  test('the text can be read back from its result: two texts that differ never look alike', () => {
    const back = (shown: string) =>
      shown.replace(/⟨U\+([0-9A-F]{4,6})⟩/gu, (_mark, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    fc.assert(
      fc.property(text, (given) => back(visible(given)) === given),
      { seed: 2, numRuns: 5_000 }
    )
  })

  test('line by line keeps line feeds, and nothing else', () => {
    expect(visibleLines('a\u200b\n\tb\r\n')).toBe('a⟨U+200B⟩\n⟨U+0009⟩b⟨U+000D⟩\n')
  })
})
