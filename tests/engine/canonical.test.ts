// RFC 8785: one text per value, the same as another implementation's.
import fc from 'fast-check'
import reference from 'canonicalize'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { canonicalBytes, canonicalize, digestOf } from '../../src/engine/canonical.ts'
import { Fault } from '../../src/engine/fault.ts'
import type { Json } from '../../src/engine/schema.ts'

/** Objects whose keys JavaScript would put in an order of its own, and all the rest of JSON. */
const key = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('10', '9', '1', '01', '4294967295', '-1', '', 'é', 'e\u0301', '\u{1f600}', '\uffff', 'toJSON', 'constructor', 'length')
)
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, false, 0, -0, 1e21, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 })
  )
})).value

function refusalOf(value: unknown): Fault {
  try {
    canonicalize(value as Json)
  } catch (error) {
    return error as Fault
  }
  throw new Error('it was accepted')
}

describe('the canonical text', () => {
  test.each<[Json, string]>([
    [{ b: 1, a: 2 }, '{"a":2,"b":1}'],
    [{ '10': 1, '9': 2, '!': 3, a: 4 }, '{"!":3,"10":1,"9":2,"a":4}'],
    [{ '': 0, '01': 1, '1': 2 }, '{"":0,"01":1,"1":2}'],
    [{ '\u{1f600}': 1, '\uffff': 2 }, '{"\u{1f600}":1,"\uffff":2}'],
    [[-0, 1.0, 1e21, 1e-7, 100], '[0,1,1e+21,1e-7,100]'],
    ['\u0000\b\t\n\f\r"\\/\u007f\u2028é', '"\\u0000\\b\\t\\n\\f\\r\\"\\\\/\u007f\u2028é"'],
    [[[], {}, [{}]], '[[],{},[{}]]'],
    ['\\ud800 in words', '"\\\\ud800 in words"'],
    [JSON.parse('{"b":1,"__proto__":{"z":1,"a":2}}') as Json, '{"__proto__":{"a":2,"z":1},"b":1}'],
    [Object.assign(Object.create(null) as object, { b: 1, a: 2 }) as Json, '{"a":2,"b":1}']
  ])('of %j is %s', (value, text) => {
    expect(canonicalize(value)).toBe(text)
  })

  test('is that of the `canonicalize` package for any JSON', () => {
    fc.assert(
      fc.property(json, (value) => canonicalize(value) === reference(value)),
      { seed: 8785, numRuns: 3000 }
    )
  })

  test('is the same whatever order an object was built in, and never changes what it was given', () => {
    fc.assert(
      fc.property(fc.dictionary(key, json, { maxKeys: 8 }), (value) => {
        const before = JSON.stringify(value)
        const reversed = Object.fromEntries(Object.entries(value).reverse())
        expect(canonicalize(reversed)).toBe(canonicalize(value))
        expect(JSON.stringify(value)).toBe(before)
      }),
      { seed: 1, numRuns: 500 }
    )
  })

  test('is right for many keys too', () => {
    fc.assert(
      fc.property(fc.dictionary(key, fc.integer(), { minKeys: 30, maxKeys: 80 }), (value) => canonicalize(value) === reference(value)),
      { seed: 3, numRuns: 200 }
    )
  })

  test('differs for different values: reading it back gives the value', () => {
    fc.assert(
      fc.property(json, (value) => canonicalize(JSON.parse(canonicalize(value)) as Json) === canonicalize(value)),
      { seed: 2, numRuns: 1000 }
    )
    for (const [a, b] of [
      [1, '1'],
      [null, 'null'],
      [[], {}],
      ['é', 'e\u0301'],
      [{ a: null }, {}],
      [
        [1, [2]],
        [[1], 2]
      ],
      ['a', ['a']]
    ] as [Json, Json][]) {
      expect(canonicalize(a)).not.toBe(canonicalize(b))
    }
  })
})

describe('what is not JSON is refused, with its place', () => {
  class Point {
    x = 1
  }
  test.each<[string, unknown, string]>([
    ['undefined', { a: [0, undefined] }, '/a/1'],
    ['a hole in an array', { a: Array(2) }, '/a/0'],
    ['NaN', { a: { b: Number.NaN } }, '/a/b'],
    ['Infinity', [Number.NEGATIVE_INFINITY], '/0'],
    ['a bigint', { 'a/b': 1n }, '/a~1b'],
    ['a function', { toJSON: () => 'forged' }, '/toJSON'],
    ['a symbol', [Symbol('s')], '/0'],
    ['a Date', { at: new Date(0) }, '/at'],
    ['a Map', { m: new Map() }, '/m'],
    ['bytes', { b: new Uint8Array(1) }, '/b'],
    ['an object of a class', [new Point()], '/0'],
    ['a boxed string', [Object('s')], '/0'],
    ['a lone surrogate', ['ok', '\ud800'], '/1'],
    ['a lone low surrogate', { a: 'x\udc00' }, '/a'],
    ['a lone surrogate in a key', { '\ud800': 1 }, '/\ufffd'],
    ['a lone surrogate beside an integer key', { '1': 'x', a: '\udfff' }, '/a']
  ])('%s', (_name, value, pointer) => {
    const refusal = refusalOf(value)
    expect(refusal).toBeInstanceOf(Fault)
    expect(refusal.code).toBe('invalid')
    expect(refusal.errors?.map((error) => error.pointer)).toEqual([pointer])
  })

  test('depth 64 is the last: deeper, or in a circle, it refuses and does not overflow', () => {
    const nest = (depth: number): Json => JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as Json
    expect(canonicalize(nest(64))).toHaveLength(128)
    expect(refusalOf(nest(65)).detail).toContain('nested deeper than 64')
    const circle: Record<string, unknown> = {}
    circle.self = circle
    expect(refusalOf(circle).code).toBe('invalid')
  })
})

test('digests are SHA-256 of the UTF-8 bytes', () => {
  expect(canonicalBytes({ é: 1 }, nodeHash)).toEqual(new TextEncoder().encode('{"é":1}'))
  expect(digestOf({}, nodeHash)).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
})
