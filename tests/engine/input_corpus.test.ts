// The JSON test suite: what must parse, what must not, and what either may happen to.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { Fault } from '../../src/engine/fault.ts'
import { parseJsonBytes } from '../../src/engine/input.ts'
import { corpus } from '../vectors/corpora.ts'

const folder = corpus('json_test_suite')
const blns = corpus('naughty_strings/blns.json')

/** Good JSON that the gate refuses all the same, because two readers could understand it differently. */
const STRICTER: Record<string, RegExp> = {
  'y_object_duplicated_key.json': /a duplicate key/,
  'y_object_duplicated_key_and_value.json': /a duplicate key/
}

function read(bytes: Uint8Array): { value: unknown } | { fault: Fault } {
  try {
    return { value: parseJsonBytes(bytes, nodeHash) }
  } catch (error) {
    if (error instanceof Fault) return { fault: error }
    throw error
  }
}

describe.skipIf(folder === null)('JSON test suite (skipped: no corpora)', () => {
  const names = folder === null ? [] : readdirSync(folder)
  const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder!, name)))
  const group = (prefix: string) => names.filter((name) => name.startsWith(prefix))

  test('is all there', () => {
    expect([group('y_').length, group('n_').length, group('i_').length]).toEqual([95, 188, 35])
  })

  test.each(group('y_'))('%s is read as it stands', (name) => {
    const bytes = bytesOf(name)
    const result = read(bytes)
    if (name in STRICTER) expect((result as { fault: Fault }).fault.detail).toMatch(STRICTER[name]!)
    else expect(result).toEqual({ value: JSON.parse(new TextDecoder().decode(bytes)) as unknown })
  })

  test.each([...group('n_'), ...group('i_')])('%s is refused with its place, or (i_ only) read', (name) => {
    const result = read(bytesOf(name))
    if ('value' in result) return expect(name).toMatch(/^i_/)
    expect([400, 413]).toContain(result.fault.status)
    expect(result.fault.errors).toHaveLength(1)
    expect(result.fault.errors![0]!.detail).toMatch(/\(line \d+, column \d+\)$|at byte \d+$/)
  })
})

test.skipIf(blns === null)('naughty strings get in unchanged, as values and as keys (skipped: no corpora)', () => {
  const strings = JSON.parse(readFileSync(blns!, 'utf8')) as string[]
  expect(strings.length).toBeGreaterThan(400)
  for (const text of strings)
    expect(parseJsonBytes(new TextEncoder().encode(JSON.stringify({ [`k${text}`]: text })), nodeHash)).toEqual({ [`k${text}`]: text })
})
