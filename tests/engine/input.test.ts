// The input gate: nothing gets in that does not read back as it was written, and every refusal names its place.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { Fault } from '../../src/engine/fault.ts'
import { issuesToErrors, parseInput, parseJson, parseJsonBytes } from '../../src/engine/input.ts'
import { scanJson } from '../../src/engine/json_scan.ts'
import type { Json } from '../../src/engine/schema.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

function refusalOf(read: () => unknown): Fault {
  try {
    read()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('what is accepted', () => {
  test.each<[string, Json]>([
    ['{}', {}],
    [' \t\r\n[ ] \n', []],
    ['"a\\"b\\\\"', 'a"b\\'],
    ['{"a":{"b":[1,2,{"c":null}]},"":true}', { a: { b: [1, 2, { c: null }] }, '': true }],
    ['[-0,0.0,0e10,1.50,1e2,1E+2,-12.5e-3]', [-0, 0, 0, 1.5, 100, 100, -0.0125]],
    [
      '[9007199254740991,9007199254740992,100000000000000000000000,123456789012345]',
      [9007199254740991, 9007199254740992, 1e23, 123456789012345]
    ],
    ['[0.1,0.30000000000000004,5e-324,1.7976931348623157e308]', [0.1, 0.30000000000000004, 5e-324, Number.MAX_VALUE]],
    ['"\\ud83d\\ude00 \\uD83D\\uDE00 \\\\ud800"', '\u{1f600} \u{1f600} \\ud800'],
    [
      '{"constructor":1,"prototype":2,"toString":3,"hasOwnProperty":4,"proto":5}',
      { constructor: 1, prototype: 2, toString: 3, hasOwnProperty: 4, proto: 5 } as never
    ],
    ['{"a":"{\\"a\\":1,\\"a\\":2}","b":"x:y,::"}', { a: '{"a":1,"a":2}', b: 'x:y,::' }],
    [`${'['.repeat(32)}${']'.repeat(32)}`, JSON.parse(`${'['.repeat(32)}${']'.repeat(32)}`) as Json]
  ])('%s', (text, value) => {
    expect(parseJson(text)).toEqual(value)
    expect(parseJsonBytes(utf8(text), nodeHash)).toEqual(value)
  })

  test('any JSON, however it is spaced or escaped', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        // fast-check may make `__proto__` keys, which have their own test.
        const text = JSON.stringify(value, null, space)
        fc.pre(!text.includes('__proto__'))
        expect(parseJson(text)).toEqual(JSON.parse(text))
        const escaped = text.replaceAll(/[\u0080-\uffff]/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
        expect(parseJson(escaped)).toEqual(JSON.parse(text))
      }),
      { seed: 13, numRuns: 1000 }
    )
  })
})

describe('what is refused, and where', () => {
  test.each<[string, string, string, RegExp]>([
    ['a duplicate key', '{"a":1,\n "b":{"c":1,"c":2}}', '/b/c', /a duplicate key.*line 2, column 13/],
    ['one spelt by an escape', '{"a":1,"\\u0061":2}', '/a', /a duplicate key.*column 8/],
    ['one with the same value', '{"a":1,"a":1}', '/a', /a duplicate key/],
    ['an empty one', '{"":1,"":2}', '/', /a duplicate key/],
    ['one deep in an array', '[0,[{"x":[{"y":1,"y":1}]}]]', '/1/0/x/0/y', /a duplicate key/],
    ['`__proto__`', '{"a":{"__proto__":{"admin":true}}}', '/a/__proto__', /`__proto__` is not accepted/],
    ['`__proto__` spelt by escapes', '{"\\u005f_proto_\\u005F":1}', '/__proto__', /`__proto__` is not accepted/],
    ['a lone high surrogate', '{"a":["ok","\ud800"]}', '/a/1', /lone surrogate/],
    ['a lone low surrogate', '["\udc00"]', '/0', /lone surrogate/],
    ['one by an escape', '{"a":"x\\ud800y"}', '/a', /lone surrogate.*column 6/],
    ['a pair in the wrong order', '["\\uDE00\\uD83D"]', '/0', /lone surrogate/],
    ['one escaped, one raw', '["\\ud83d\udc00"]', '/0', /lone surrogate/],
    ['one in a key', '{"\\udfff":1}', '', /lone surrogate/],
    ['a number too large', '{"n":1e400}', '/n', /lose digits/],
    ['a number too small', '[1e-400]', '/0', /lose digits/],
    ['an integer beyond 2^53', '{"id":9007199254740993}', '/id', /lose digits.*send it as a string/],
    ['a long integer', '{"id":[12345678901234567890]}', '/id/0', /lose digits/],
    ['a decimal with too many digits', '0.1000000000000000055', '', /lose digits/],
    ['an exponent that hides them', '90071992547409930e-1', '', /lose digits/],
    ['depth 33', '['.repeat(33), `${'/0'.repeat(32)}`, /nested deeper than 32/],
    ['depth 33 in objects', '{"a":'.repeat(33), `${'/a'.repeat(32)}`, /nested deeper than 32/],
    ['a byte order mark', '\ufeff{}', '', /byte order mark/],
    ['nothing', '', '', /ends too early.*line 1, column 1/],
    ['only spaces', ' \n ', '', /ends too early.*line 2, column 2/],
    ['half a text', '{"a":[1,2', '/a/1', /ends too early/],
    ['half a string', '{"a":"b', '/a', /ends inside a string/],
    ['half an escape', '["\\u12', '/0', /escape that JSON does not have/],
    ['two values', '{} {}', '', /more text after the value.*column 4/],
    ['a comma too many', '[1,]', '/1', /`]` instead of a value/],
    ['a comma too many in an object', '{"a":1,}', '', /`}` instead of a key/],
    ['a missing comma', '[1 2]', '/0', /`2` instead of a comma or `]`/],
    ['a missing colon', '{"a" 1}', '/a', /instead of a colon/],
    ['the wrong bracket', '{"a":[1}', '/a/0', /`}` instead of a comma or `]`/],
    ['a key without quotes', '{a:1}', '', /`a` instead of a key in double quotes/],
    ['single quotes', "['a']", '/0', /`'` instead of a value/],
    ['a comment', '[1, /* no */ 2]', '/1', /`\/` instead of a value/],
    ['NaN', '[NaN]', '/0', /`N` instead of a value/],
    ['a leading zero', '[012]', '/0', /`1` instead of a comma/],
    ['a plus', '[+1]', '/0', /`\+` instead of a value/],
    ['a bare minus', '[-]', '/0', /a minus without a number/],
    ['a control character in a string', '["a\nb"]', '/0', /control character.*line 1, column 4/],
    ['a NUL outside of strings', '[\u0000]', '/0', /U\+0000 instead of a value/],
    ['a no-break space', '[\u00a01]', '/0', /U\+00A0 instead of a value/],
    ['a wrong escape', '["\\x41"]', '/0', /escape that JSON does not have.*column 3/],
    ['upper-case literals', '[True]', '/0', /`T` instead of a value/],
    ['keys with slashes and tildes in the path', '{"a/b":{"~":tru}}', '/a~1b/~0', /instead of a value/]
  ])('%s', (_name, text, pointer, detail) => {
    const refusal = refusalOf(() => parseJson(text))
    expect([refusal.code, refusal.status]).toEqual(['bad_json', 400])
    expect(refusal.detail).toMatch(detail)
    expect(refusal.errors).toHaveLength(1)
    expect(refusal.errors![0]!.pointer).toBe(pointer)
  })

  test.each<[string, number[], number]>([
    ['a lone continuation byte', [0x22, 0x80, 0x22], 1],
    ['an overlong slash', [0x22, 0xc0, 0xaf, 0x22], 1],
    ['an overlong three-byte form', [0x22, 0x61, 0xe0, 0x80, 0xaf, 0x22], 2],
    ['a surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22], 1],
    ['beyond U+10FFFF', [0x22, 0xf4, 0x90, 0x80, 0x80, 0x22], 1],
    ['a sequence cut off', [0x22, 0xc3, 0xa9, 0xf0, 0x9f, 0x98], 3],
    ['UTF-16', [0xff, 0xfe, 0x7b, 0x00], 0],
    ['Latin-1', [0x22, 0xe9, 0x22], 1]
  ])('bytes that are not UTF-8: %s, at byte %j', (_name, bytes, at) => {
    const refusal = refusalOf(() => parseJsonBytes(Uint8Array.from(bytes), nodeHash))
    expect(refusal.code).toBe('bad_json')
    expect(refusal.detail).toBe(`the body is not UTF-8: byte ${at}`)
  })

  test('a detail never grows with a hostile key', () => {
    expect(refusalOf(() => parseJson(`{"${'k'.repeat(200_000)}":x}`)).detail.length).toBeLessThan(400)
  })
})

describe('size', () => {
  const limits = { bytes: 100, depth: 32 }
  test.each<[string, string, boolean]>([
    ['100 letters', `"${'a'.repeat(98)}"`, true],
    ['101 letters', `"${'a'.repeat(99)}"`, false],
    ['49 letters of two bytes', `"${'é'.repeat(49)}"`, true],
    ['50 letters of two bytes', `"${'é'.repeat(50)}"`, false],
    ['32 letters of three bytes', `"${'€'.repeat(32)}"`, true],
    ['33 letters of three bytes', `"${'€'.repeat(33)}"`, false],
    ['24 letters of four bytes', `"${'\u{1f600}'.repeat(24)}"`, true],
    ['25 letters of four bytes', `"${'\u{1f600}'.repeat(25)}"`, false]
  ])('is counted in bytes of UTF-8: %s', (_name, text, fits) => {
    for (const read of [() => parseJson(text, limits), () => parseJsonBytes(utf8(text), nodeHash, limits)]) {
      if (fits) expect(read()).toBe(JSON.parse(text))
      else expect([refusalOf(read).code, refusalOf(read).status]).toEqual(['payload_too_large', 413])
    }
  })

  test('256 KB are the last by default', () => {
    const text = (length: number) => `"${'a'.repeat(length - 2)}"`
    expect(parseJson(text(262_144))).toHaveLength(262_142)
    expect(refusalOf(() => parseJson(text(262_145))).code).toBe('payload_too_large')
  })
})

describe('the fast way in and the full scan', () => {
  const letters = '{}[]":,\\u0dD8abc019-+.eE \n'
  const outcome = (read: () => unknown) => {
    try {
      read()
      return 'accepted'
    } catch (error) {
      return error instanceof Fault ? error.message : `crash: ${String(error)}`
    }
  }

  test('agree on any text: nothing gets past the one that the other refuses', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"a"',
      '"b"',
      '"\\u0061"',
      ':',
      ',',
      '1',
      '-0',
      '1e400',
      '9007199254740993',
      '0.5',
      'null',
      '"\\ud800"',
      '"\\\\ud800"',
      '"\\""',
      '"__proto__"',
      '"\ud800"',
      '\\'
    )
    const value = fc.jsonValue({ maxDepth: 3 }).map((json) => JSON.stringify(json))
    const duplicated = fc
      .array(fc.tuple(fc.constantFrom('a', 'b', '\\u0061'), value), { maxLength: 4 })
      .map((members) => `{${members.map(([key, item]) => `"${key}":${item}`).join(',')}}`)
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
      fc.string({ unit: fc.constantFrom(...letters), maxLength: 20 }),
      duplicated
    )
    fc.assert(
      fc.property(text, (given) => outcome(() => parseJson(given)) === outcome(() => scanJson(given, 32))),
      { seed: 4, numRuns: 20_000 }
    )
  })

  test('the scan accepts nothing that JSON.parse refuses, and keeps the value', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...letters), maxLength: 12 }), (given) => {
        if (outcome(() => scanJson(given, 32)) === 'accepted') expect(parseJson(given)).toEqual(JSON.parse(given))
      }),
      { seed: 5, numRuns: 20_000 }
    )
  })
})

describe('hostile bodies of 256 KB end in an answer', () => {
  const size = 262_000
  test.each<[string, string]>([
    ['open brackets', '['.repeat(size)],
    ['open objects', '{"a":'.repeat(size / 5)],
    ['digits', '1'.repeat(size)],
    ['zeros before a one', `1${'0'.repeat(size)}1`],
    ['zeros behind a point', `0.${'0'.repeat(size)}1`],
    ['a huge exponent', `1e${'9'.repeat(size)}`],
    ['backslashes', `"${'\\\\'.repeat(size / 2)}`],
    ['surrogate escapes', `["${'\\ud800'.repeat(size / 6 - 2)}"]`],
    ['quotes', '"'.repeat(size)],
    ['the same key', `{${'"a":1,'.repeat(size / 6)}"a":1}`],
    ['spaces', ' '.repeat(size)]
  ])('%s', (_name, text) => {
    expect(refusalOf(() => parseJson(text)).status).toBe(400)
  })

  test('many keys and many escapes are read', () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 15_000 }, (_, i) => [`k${i}`, i])))
    expect(Object.keys(parseJson(many) as object)).toHaveLength(15_000)
    expect(parseJson(`"${'\\n\\u0041'.repeat(30_000)}"`)).toHaveLength(60_000)
  })
})

describe('schema errors', () => {
  const schema = z.strictObject({
    payload: z.strictObject({ branch: z.string(), 'a/b': z.int().optional(), items: z.array(z.strictObject({ id: z.int() })).optional() }),
    mode: z.enum(['enforce', 'shadow']).optional()
  })
  const pointersOf = (value: unknown) => issuesToErrors(schema.safeParse(value).error!).map(({ pointer }) => pointer)

  test.each<[unknown, string[]]>([
    [{ payload: {} }, ['/payload/branch']],
    [{ payload: { branch: 1, 'a/b': 'x' } }, ['/payload/branch', '/payload/a~1b']],
    [{ payload: { branch: 'x', items: [{ id: 1 }, { id: 'y' }] } }, ['/payload/items/1/id']],
    [{ payload: { branch: 'x' }, rode: 1, 'x~y': 2 }, ['/rode', '/x~0y']],
    [{ payload: { branch: 'x', items: [{ id: 1, extra: 2 }] } }, ['/payload/items/0/extra']],
    [{ payload: { branch: 'x' }, mode: 'off' }, ['/mode']],
    [null, ['']]
  ])('of %j are at %j', (value, pointers) => {
    expect(pointersOf(value)).toEqual(pointers)
    const refusal = refusalOf(() => parseInput(schema, value))
    expect([refusal.code, refusal.status]).toEqual(['invalid', 422])
    expect(refusal.errors!.map(({ pointer }) => pointer)).toEqual(pointers)
    expect(refusal.detail).toContain(`\`${pointers[0]}\``)
  })

  test('a value that fits comes back with defaults', () => {
    expect(parseInput(z.strictObject({ limit: z.int().default(50) }), {})).toEqual({ limit: 50 })
  })
})
