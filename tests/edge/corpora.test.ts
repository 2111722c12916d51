// Published collections of bad input, sent to the real door.
import { describe, expect, inject, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { redact, unbase64, verifyReceipt } from '../../src/engine/index.ts'
import { call, keys, makeKey } from './parts.ts'

const corpora = inject('corpora')
if (corpora === null) console.log('skipped: no corpora')

/** All of them, sixteen at a time. */
async function each<T>(items: readonly T[], check: (item: T) => Promise<void>): Promise<void> {
  const left = [...items]
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await check(item)
    })
  )
}

/** Valid by RFC 8259, and refused here on purpose: two readers could understand them differently. */
const REFUSED_ON_PURPOSE = /^y_object_duplicated_key(_and_value)?\.json$/

describe.skipIf(corpora === null)('the JSON test suite', () => {
  it('is understood or refused with the place, as its names say, and never ends in anything else', async () => {
    const key = await makeKey('json', ['run'])
    await each(corpora!.json, async ({ name, base64 }) => {
      const { status, json } = await call('POST', '/runs', { key, body: unbase64(base64)! })
      const wanted = name.startsWith('n_') || REFUSED_ON_PURPOSE.test(name) ? [400] : name.startsWith('y_') ? [422] : [400, 422]
      expect(wanted, `${name} → ${status} ${JSON.stringify(json)}`).toContain(status)
      expect(json.code).toBe(status === 400 ? 'bad_json' : 'invalid')
    })
  })
})

describe.skipIf(corpora === null)('the naughty strings', () => {
  it('come back from a run exactly as they were sent, under signatures that verify', async () => {
    const key = await makeKey('naughty', ['run', 'read'])
    const ring = await keys.team('naughty')
    await each(corpora!.naughty, async (text) => {
      const { status, json } = await call('POST', '/runs', {
        key,
        body: { workflow: 'nothing', user_email: 'agent@company.com', payload: { text, [`key ${text}`]: 1 } }
      })
      expect([status, json.decision], text).toEqual([200, 'BLOCK'])
      expect(json.receipt.payload).toEqual(redact({ text, [`key ${text}`]: 1 }).value)
      expect((await verifyReceipt(json.receipt, ring, nodeHash)).problems).toEqual([])
    })
    const { json } = await call('GET', '/receipts?limit=200', { key })
    expect(json.data).toHaveLength(200)
  })

  it('are inert as ids, filters, e-mail addresses, team names and keys', async () => {
    const keysOf = await Promise.all(Array.from({ length: 4 }, () => makeKey('inert', ['admin'])))
    await each(corpora!.naughty, async (text) => {
      const key = keysOf[text.length % 4]!
      const asked = encodeURIComponent(text.toWellFormed())
      const answers = [
        await call('GET', `/receipts/${asked === '' ? '%20' : asked.replaceAll('.', '%2E')}`, { key }),
        await call('GET', `/receipts?q=${asked}`, { key }),
        await call('GET', `/receipts?workflow=${asked}&policy=${asked}`, { key }),
        await call('POST', '/runs', { key, body: { workflow: text, user_email: text, payload: {} } }),
        await call('POST', '/teams', { key, body: { team_id: text, name: text } })
      ]
      for (const { status, text: body } of answers) expect(status < 500, `${text} → ${status} ${body}`).toBe(true)
      expect(answers[3]!.status).toBe(422)
    })
  })
})
