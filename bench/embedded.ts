// Runs a second inside a Node program, with a connector that does nothing: what Enact itself costs a run.
import { randomBytes } from 'node:crypto'
import { actionsOf, allow, alreadyDone, defineConnector, definePolicy, done, EnactClient } from '../src/node.ts'
import * as z from 'zod'
import { median, type Figure } from './measure.ts'

const action = actionsOf<null>()
const nothing = defineConnector({
  id: 'nothing',
  title: 'Nothing',
  options: z.strictObject({}),
  scope: () => ({}),
  connect: () => ({ client: null }),
  actions: {
    touch: action({
      title: 'Touch',
      mutates: true,
      input: z.strictObject({ id: z.int() }),
      resources: ({ id }) => [`nothing/${id}`],
      recovery: 'keyed',
      inverse: ({ id }) => ({ action: 'touch', input: { id }, expect: {} }),
      run: async (_client, { id }) => (id < 0 ? alreadyDone('created', {}) : done({ id }))
    })
  }
})
const fine = definePolicy({ id: 'fine', title: 'Fine', params: z.strictObject({}), reads: z.object({}), evaluate: () => allow('fine') })

/** Runs per second, and the cost of a run at 50,000 receipts beside that at 1,000. */
export async function embeddedFigures(): Promise<Figure[]> {
  const enact = new EnactClient({
    systems: { nothing: nothing({}) },
    policies: [fine()],
    actions: ['touch'],
    secret: randomBytes(32).toString('hex')
  })
  let id = 0
  const runs = async (count: number): Promise<number> => {
    const started = performance.now()
    for (let i = 0; i < count; i++) await enact.run({ workflow: 'touch', user_email: 'agent@company.com', payload: { id: id++ } })
    return ((performance.now() - started) * 1e6) / count
  }
  await runs(1_000)
  const early = median([await runs(500), await runs(500), await runs(500), await runs(500), await runs(500)])
  for (let more = 50_000 - id; more > 0; more -= 1_000) await runs(1_000)
  const late = median([await runs(500), await runs(500), await runs(500), await runs(500), await runs(500)])
  return [
    { name: 'embedded runs, no-op connector', value: 1e9 / late, floor: 1e9 / early, ratio: late / early, unit: '/s', aim: '' },
    { name: 'a run at 50,000 receipts, beside 1,000', value: late, floor: early, ratio: late / early, unit: 'ns', aim: '≤ 1.2' }
  ]
}
