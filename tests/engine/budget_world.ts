// A system that deletes by prefix and pays, with budgets that count it: for tests of budgets in runs.
import * as z from 'zod'
import { memoryBudgets } from '../../src/adapters/budgets/memory.ts'
import { memoryAgentSessions } from '../../src/adapters/agent_sessions/memory.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import {
  actionsOf,
  alreadyDone,
  decide,
  defineConnector,
  defineWorkflow,
  done,
  execute,
  failed,
  install,
  judge,
  isStopped,
  stopped,
  type Admitted,
  type Journal,
  type JournalEntry,
  type JsonObject,
  type ObservedRequest,
  type Policy,
  type Ports,
  type RunResult
} from '../../src/engine/index.ts'
import { asked, toyPorts } from './toy.ts'

/** What is there, what was done, and what the next call suffers. `arrives`: what comes into the world between the look and the deed. */
export interface Shop {
  readonly rows: Set<string>
  paid: number
  payments: number
  fault: 'none' | 'refuse' | 'unknown'
  arrives: string[]
}

const action = actionsOf<Shop>()
const found = (shop: Shop, prefix: string) => [...shop.rows].filter((row) => row.startsWith(prefix))

export const shopConnector = defineConnector({
  id: 'shop',
  title: 'A shop',
  options: z.strictObject({ shop: z.custom<Shop>() }),
  scope: () => ({}),
  connect: ({ shop }) => ({ client: shop }),
  actions: {
    pay: action({
      title: 'Pay',
      mutates: true,
      input: z.strictObject({ amount: z.json() }),
      resources: () => [],
      inverse: 'irreversible',
      recovery: 'opaque',
      async run(shop, { amount }) {
        if (shop.fault === 'refuse') return failed('refused', 'no')
        if (shop.fault === 'unknown') return failed('lost', 'no answer', 'unknown')
        if (amount === 7) return alreadyDone('paid', {})
        shop.paid += Number(amount)
        shop.payments++
        return done({})
      }
    }),
    wipe: action({
      title: 'Delete by prefix',
      mutates: true,
      input: z.strictObject({ prefix: z.string() }),
      resources: () => [],
      inverse: 'irreversible',
      recovery: 'opaque',
      bounds: { affected: 'previewed' },
      preview: async (shop, { prefix }) => done({ affected: found(shop, prefix).length }),
      async run(shop, { prefix }, call) {
        for (const row of shop.arrives.splice(0)) shop.rows.add(row)
        const rows = found(shop, prefix)
        if (rows.length > (call.atMost?.affected ?? Number.POSITIVE_INFINITY))
          return failed('more_than_budgeted', 'more than was asked for')
        for (const row of rows) shop.rows.delete(row)
        return done({ affected: rows.length })
      }
    }),
    count: action({
      title: 'Count',
      mutates: false,
      input: z.strictObject({}),
      resources: () => [],
      run: async (shop) => done({ count: shop.rows.size })
    })
  }
})

const payAll = defineWorkflow({
  id: 'pay_all',
  title: 'Pay several',
  payload: z.strictObject({ amounts: z.array(z.number()), total: z.number().optional(), looks: z.boolean().optional() }),
  uses: { shop: shopConnector.uses('pay', 'wipe', 'count') },
  async run({ shop }, { amounts, looks }) {
    if (looks === true) await shop.count({})
    for (const amount of amounts) await shop.pay({ amount })
  }
})

export const START = 1_800_000_000_000

/** A team with these policies, its clock, and what its requests come to. */
export function budgetWorld(policies: Policy[], replaced: Partial<Ports> = {}) {
  const shop: Shop = { rows: new Set(), paid: 0, payments: 0, fault: 'none', arrives: [] }
  const time = { now: START }
  const clock = { now: () => time.now }
  const ports = { ...toyPorts({ clock, budgets: memoryBudgets(clock), ...replaced }), agentSessions: memoryAgentSessions() }
  const config = { connectors: [shopConnector({ shop })], policies, workflows: [payAll], actions: ['pay', 'wipe', 'count'] }
  const installation = install(config, nodeHash)
  const run = async (workflow: string, payload: JsonObject, more: Partial<Admitted> = {}, journal: Journal = memoryJournal()) => {
    const judged = await judge(installation, asked(workflow, payload, more), ports)
    return (isStopped(judged) ? await stopped(judged, ports) : await execute(installation, judged, ports, journal)) as RunResult
  }
  const pay = async (amount: unknown = 1, more: Partial<Admitted> = {}) => (await run('pay', { amount } as JsonObject, more)).receipt
  const observe = (name: string, input: JsonObject, more: Partial<ObservedRequest> = {}) =>
    decide(
      installation,
      {
        run_id: uuidIds.runId(),
        team_id: 'acme',
        user_email: 'agent@company.com',
        user_attributes: {},
        actor: { api_key_id: 'k1', session_id: 's' },
        action: name,
        input,
        tool_use_id: null,
        ...more
      },
      ports
    )
  return { shop, time, ports, installation, run, pay, observe }
}

/** A journal whose owner dies before it writes the line that is named: nothing of it is heard again, and its lines stay. */
export function dyingJournal(dies: (entry: JournalEntry) => boolean): { journal: Journal; entries: JournalEntry[]; died: Promise<void> } {
  const entries: JournalEntry[] = []
  let tell = () => {}
  const died = new Promise<void>((resolve) => (tell = resolve))
  const journal: Journal = {
    read: async () => [...entries],
    append(entry) {
      if (!dies(entry)) return Promise.resolve(void entries.push(JSON.parse(JSON.stringify(entry)) as JournalEntry))
      tell()
      return new Promise<never>(() => {})
    }
  }
  return { journal, entries, died }
}
