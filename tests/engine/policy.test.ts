// What a policy can read, and that nothing else gets past it.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { allow, definePolicy, type Json } from '../../src/engine/index.ts'
import { contextOf } from '../../src/engine/gate.ts'
import { toyPorts } from './toy.ts'

const SCHEMAS = {
  text: z.string(),
  email: z.email(),
  flag: z.boolean(),
  int: z.int(),
  count: z.int().nonnegative(),
  positive: z.int().positive(),
  above: z.int().gt(3),
  range: z.int().min(2).max(5),
  below: z.int().lt(5),
  thirds: z.int().multipleOf(3),
  number: z.number(),
  list: z.array(z.string()),
  either: z.union([z.string(), z.null()])
}
const VALUES: Json[] = ['', 'x', 'a@b.co', true, false, null, 0, -1, 1, 2, 3, 4, 5, 6, 1.5, 2 ** 53, [], ['x'], [1], {}, { a: 1 }]

describe('reading a key by hand and by zod is the same', () => {
  const { parsers } = toyPorts()
  const subject = { team_id: 'acme', workflow: 'w', user_email: 'a@b.co', user_attributes: {}, mode: 'mediated' }
  it.each(Object.entries(SCHEMAS))('for %s', (_name, schema) => {
    const policy = definePolicy({
      id: 'reads',
      title: 'Reads',
      params: z.strictObject({}),
      reads: z.object({ key: schema.optional() }),
      evaluate: () => allow('read')
    })()
    for (const key of VALUES) {
      const verdict = policy.judge(contextOf(subject, { key }, {}, 0, { parsers }, null))
      expect([key, verdict.effect], JSON.stringify(key)).toEqual([key, schema.safeParse(key).success ? 'allow' : 'deny'])
    }
  })
})
