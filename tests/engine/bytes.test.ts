// Text forms of bytes: each text means one value, and each value has one text.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base64, base64url, concat, equalBytes, hex, unbase64, unhex } from '../../src/engine/bytes.ts'
import { utf8ErrorAt, utf8Length } from '../../src/engine/utf8.ts'

const bytes = fc.uint8Array({ maxLength: 40 })
const utf8 = (text: string) => new TextEncoder().encode(text)

describe('hex and base64', () => {
  test.each<[string, string, string, string]>([
    ['', '', '', ''],
    ['f', '66', 'Zg==', 'Zg'],
    ['fo', '666f', 'Zm8=', 'Zm8'],
    ['foo', '666f6f', 'Zm9v', 'Zm9v'],
    ['\u00ff\u00ff\u00be', 'c3bfc3bfc2be', 'w7/Dv8K+', 'w7_Dv8K-']
  ])('of %j are those of RFC 4648', (text, asHex, asBase64, asBase64url) => {
    expect([hex(utf8(text)), base64(utf8(text)), base64url(utf8(text))]).toEqual([asHex, asBase64, asBase64url])
  })

  test('read back as what was written, for any bytes', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(unhex(hex(given))).toEqual(given)
        expect(unhex(hex(given).toUpperCase())).toEqual(given)
        expect(unbase64(base64(given))).toEqual(given)
        expect(unbase64(base64url(given))).toEqual(given)
      }),
      { seed: 1 }
    )
  })

  test.each(['0', 'abc', 'zz', '0x00', ' 00', '00 ', '０0'])('%j is not hex', (text) => expect(unhex(text)).toBeNull())

  test.each(['A', 'AAAAA', 'Zh==', 'Zh', 'Zm9=', 'AA=A', '=', 'A===', 'Zg==\n', 'Zm 8', 'Zm*8', 'é'])(
    '%j is not canonical base64',
    (text) => {
      expect(unbase64(text)).toBeNull()
    }
  )

  test('two spellings of one value differ only in alphabet and padding, never in left-over bits', () => {
    const seen = new Map<string, string>()
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    for (const a of letters) {
      for (const b of letters) {
        const value = unbase64(a + b)
        if (value === null) continue
        expect(seen.get(hex(value))).toBeUndefined()
        seen.set(hex(value), a + b)
      }
    }
    expect(seen.size).toBe(256)
  })
})

describe('concat and equalBytes', () => {
  test('join and compare any bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (a, b, c) => {
        expect(concat(a, b, c)).toEqual(Uint8Array.of(...a, ...b, ...c))
        expect(equalBytes(a, a.slice())).toBe(true)
        expect(equalBytes(a, b)).toBe(hex(a) === hex(b))
        expect(equalBytes(a, concat(a, Uint8Array.of(0)))).toBe(false)
      }),
      { seed: 2 }
    )
  })

  test('one changed bit is seen at every place', () => {
    const given = new Uint8Array(32).fill(0xa5)
    for (let bit = 0; bit < 256; bit++) expect(equalBytes(given, given.with(bit >> 3, 0xa5 ^ (1 << (bit & 7))))).toBe(false)
  })
})

describe('UTF-8', () => {
  const fatal = (given: Uint8Array) => {
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(given)
      return true
    } catch {
      return false
    }
  }

  test('is judged as the host judges it, and the first wrong byte is named', () => {
    const awkward = fc.array(
      fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xa0, 0x9f, 0xed, 0xef, 0xf0, 0x90, 0x8f, 0xf4, 0xf5, 0xff),
      { maxLength: 8 }
    )
    fc.assert(
      fc.property(awkward, (list) => {
        const given = Uint8Array.from(list)
        const at = utf8ErrorAt(given)
        expect(at === -1).toBe(fatal(given))
        if (at >= 0) expect(fatal(given.slice(0, at))).toBe(true)
      }),
      { seed: 3, numRuns: 5000 }
    )
  })

  test('length is that of the encoded text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => utf8Length(text) === utf8(text).length),
      { seed: 4, numRuns: 1000 }
    )
  })
})
