// The vectors of RFC 8785's author.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { hex } from '../../src/engine/bytes.ts'
import { canonicalBytes, canonicalize } from '../../src/engine/canonical.ts'
import type { Json } from '../../src/engine/schema.ts'
import { corpus } from '../vectors/corpora.ts'

const folder = corpus('jcs')

describe.skipIf(folder === null)('RFC 8785 vectors (skipped: no corpora)', () => {
  const names = folder === null ? [] : readdirSync(join(folder, 'input'))
  test('are all there', () => expect(names).toHaveLength(6))
  test.each(names)('%s', (name) => {
    const read = (part: string, file = name) => readFileSync(join(folder!, part, file), 'utf8')
    const input = JSON.parse(read('input')) as Json
    expect(canonicalize(input)).toBe(read('output'))
    expect(hex(canonicalBytes(input, nodeHash))).toBe(read('outhex', name.replace('.json', '.txt')).replaceAll(/\s/g, ''))
  })
})
