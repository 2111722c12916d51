// Three systems that differ in how a lost outcome is recovered, and nothing else; each effect is counted by a server outside workerd.
import * as z from 'zod'
import {
  actionsOf,
  defineConnector,
  defineWorkflow,
  done,
  install,
  type CallContext,
  type Hash,
  type Installation,
  type Recovered
} from '../../../src/engine/index.ts'
import { limitRate } from '../../../src/policies/budget/limit_rate.ts'
import { codeFreezeActive } from '../../../src/policies/time/code_freeze_active.ts'

export const KINDS = ['keyed', 'readable', 'opaque'] as const
/** How a lost outcome is recovered. */
export type Kind = (typeof KINDS)[number]

/** What the workflow writes, in this order; a read comes after the first. */
export const THINGS = ['first', 'second', 'third'] as const

interface World {
  /** Tells the server where the run is; resolves once it may go on, which is never for whoever is to die here. */
  at(boundary: string): Promise<void>
  effect(deed: Deed, thing: string, key: string | null): Promise<void>
  count(deed: Deed, thing: string): Promise<number>
}
type Deed = 'write' | 'unwrite'
type Input = { thing: string }

const action = actionsOf<World>()
const input = z.strictObject({ thing: z.string() })

function worldOf(url: string, team: string): World {
  const call = async (method: string, path: string) => {
    const answer = await fetch(`${url}/${path}`, { method })
    if (!answer.ok) throw new Error(`the effect server answered ${answer.status}`)
    return answer.text()
  }
  return {
    at: async (boundary) => void (await call('POST', `at/${team}/${boundary}`)),
    effect: async (deed, thing, key) =>
      void (await call('POST', `effect/${team}/${deed}/${thing}${key === null ? '' : `?key=${encodeURIComponent(key)}`}`)),
    count: async (deed, thing) => Number(await call('GET', `effect/${team}/${deed}/${thing}`))
  }
}

function deedOf(kind: Kind, deed: Deed) {
  const look = async (world: World, { thing }: Input): Promise<Recovered<Record<string, never>>> =>
    (await world.count(deed, thing)) > 0 ? { kind: 'done', output: {} } : { kind: 'not_done' }
  return {
    mutates: true,
    input,
    resources: ({ thing }: Input) => [`${kind}/${thing}`],
    recovery: kind === 'readable' ? look : kind,
    async run(world: World, { thing }: Input, call: CallContext) {
      await world.at(`${deed}_intended`)
      await world.effect(deed, thing, kind === 'keyed' ? call.idempotencyKey : null)
      await world.at(`${deed}_answered`)
      return done({})
    }
  } as const
}

function connectorOf(kind: Kind) {
  return defineConnector({
    id: kind,
    title: `A system whose writes are ${kind}`,
    options: z.strictObject({ url: z.string(), team: z.string() }),
    scope: () => ({}),
    connect: ({ url, team }) => ({ client: worldOf(url, team) }),
    actions: {
      write: action({
        title: 'Write a thing',
        ...deedOf(kind, 'write'),
        inverse: ({ thing }) => ({ action: 'unwrite', input: { thing }, expect: {} })
      }),
      unwrite: action({ title: 'Take a thing back', internal: true, ...deedOf(kind, 'unwrite'), inverse: 'irreversible' }),
      read: action({
        title: 'Read a thing',
        mutates: false,
        input,
        resources: ({ thing }) => [`${kind}/${thing}`],
        run: async (world, { thing }) => done({ count: await world.count('write', thing) })
      })
    }
  })
}

const connectors = { keyed: connectorOf('keyed'), readable: connectorOf('readable'), opaque: connectorOf('opaque') }

function workflowOf(kind: Kind, at: (boundary: string) => Promise<void>) {
  return defineWorkflow({
    id: `three_${kind}`,
    title: 'Three writes and a read',
    payload: z.strictObject({}),
    uses: { [kind]: connectors[kind].uses('write', 'read') },
    async run(systems) {
      const system = systems[kind]!
      await system.write({ thing: 'first' })
      await system.read({ thing: 'first' })
      await system.write({ thing: 'second' })
      await at('write_recorded')
      await system.write({ thing: 'third' })
    }
  })
}

const writes = limitRate({ max: 100, window: '1d', per: 'team' }, { on: ['write'] })
/** Counts every write. */
export const WRITES = writes.budget!

/** What one team of the matrix may use: everything, in a world of its own. */
export function crashInstallation(url: string, team: string, hash: Hash): Installation {
  const { at } = worldOf(url, team)
  const config = {
    connectors: KINDS.map((kind) => connectors[kind]({ url, team })),
    policies: [codeFreezeActive(), writes],
    workflows: KINDS.map((kind) => workflowOf(kind, at))
  }
  return install(config, hash)
}

/** The hook of everything that is not a connector. */
export function boundary(url: string, team: string, name: string): Promise<void> {
  return worldOf(url, team).at(name)
}
