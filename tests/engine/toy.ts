// A system whose whole world is one Map, with every fault a real vendor shows: for tests of the engine alone.
import * as z from 'zod'
import { systemClock } from '../../src/adapters/clock/system.ts'
import { memoryFacts } from '../../src/adapters/facts/memory.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { webcryptoKeys } from '../../src/adapters/keys/index.ts'
import { memoryReceipts } from '../../src/adapters/receipts/index.ts'
import { memorySealed } from '../../src/adapters/sealed/index.ts'
import { nativeTimer } from '../../src/adapters/timer/native.ts'
import {
  actionsOf,
  alreadyDone,
  conflict,
  defineConnector,
  defineWorkflow,
  done,
  failed,
  install,
  type Admitted,
  type Installation,
  type JsonObject,
  type Parsers,
  type Ports,
  type Recovered,
  type TeamConfig
} from '../../src/engine/index.ts'

/** The world, what was done to it, and what the next write should suffer. */
export interface Shelf {
  readonly things: Map<string, string>
  effects: number
  /** `hang_*` never answers, `500_*` answers an error whose effect is unknown; before or after the effect. */
  fault: 'none' | 'refuse' | '500_before' | '500_after' | 'hang_before' | 'hang_after' | 'throw_before' | 'throw_after' | 'note_late'
  lookFails: boolean
  /** Settles when a `note_late` write has tried. */
  late: Promise<void>
}

export function newShelf(): Shelf {
  return { things: new Map(), effects: 0, fault: 'none', lookFails: false, late: Promise.resolve() }
}

const action = actionsOf<Shelf>()
const never = new Promise<never>(() => {})

async function write(shelf: Shelf, effect: () => void) {
  const [kind, when] = shelf.fault.split('_')
  if (shelf.fault === 'refuse') return failed('refused', 'the shelf refuses')
  const suffer = async () => {
    if (kind === 'hang') await never
    if (kind === 'throw') throw new Error('socket hang up')
    return failed('vendor_500', 'the shelf answered 500', 'unknown')
  }
  if (when === 'before') return suffer()
  effect()
  shelf.effects++
  return when === 'after' ? suffer() : null
}

const key = z.string().min(1)
const path = (input: { key: string }) => [`shelf/${encodeURIComponent(input.key)}`]

async function lookForPut(shelf: Shelf, input: { key: string; value: string }): Promise<Recovered<{ before: string | null }>> {
  if (shelf.lookFails) throw new Error('cannot look')
  return shelf.things.get(input.key) === input.value ? { kind: 'done', output: { before: null } } : { kind: 'not_done' }
}

function putVariant(recovery: 'keyed' | 'opaque' | typeof lookForPut) {
  return action({
    title: 'Put a thing on the shelf',
    mutates: true,
    timeoutMs: 40,
    input: z.strictObject({ key, value: z.string(), api_key: z.string().optional() }),
    resources: path,
    recovery,
    inverse: (input, output: { before: string | null; api_key?: string }) => ({
      action: output.before === null ? 'remove' : 'set_back',
      input: { key: input.key, ...(output.before === null ? {} : { value: output.before }) },
      expect: { value: input.value }
    }),
    async run(shelf, input, call) {
      const before = shelf.things.get(input.key) ?? null
      if (shelf.fault === 'note_late') {
        // As a database does: the note first, the commit after it; here after the recorder has given up.
        const slow = new Promise((resolve) => setTimeout(resolve, 80)).then(() => call.note({ before }))
        shelf.late = slow.then(() => void shelf.things.set(input.key, input.value)).catch(() => undefined)
        await slow
        return done({ before })
      }
      if (before === input.value) return alreadyDone('created', { before })
      const suffered = await write(shelf, () => shelf.things.set(input.key, input.value))
      return suffered ?? done({ before, ...(input.api_key ? { api_key: input.api_key } : {}) })
    }
  })
}

const remove = action({
  title: 'Take a thing off the shelf',
  mutates: true,
  timeoutMs: 40,
  input: z.strictObject({ key }),
  resources: path,
  recovery: 'opaque',
  inverse: 'irreversible',
  async run(shelf, input, call) {
    const found = shelf.things.get(input.key)
    if (found === undefined) return alreadyDone('deleted', {})
    if (call.expect !== null && call.expect.value !== found) return conflict(`\`${input.key}\` has changed`, { value: found })
    return (await write(shelf, () => shelf.things.delete(input.key))) ?? done({})
  },
  async preview(shelf, input, call) {
    const found = shelf.things.get(input.key)
    if (found === undefined) return alreadyDone('deleted', {})
    return call.expect !== null && call.expect.value !== found ? conflict(`\`${input.key}\` has changed`, { value: found }) : done({})
  }
})

const setBack = action({
  title: 'Put the old thing back',
  mutates: true,
  internal: true,
  input: z.strictObject({ key, value: z.string() }),
  resources: path,
  recovery: 'opaque',
  inverse: 'irreversible',
  async run(shelf, input, call) {
    if (shelf.things.get(input.key) !== call.expect?.value) return conflict('moved on', { value: shelf.things.get(input.key) ?? null })
    return (await write(shelf, () => shelf.things.set(input.key, input.value))) ?? done({})
  }
})

const get = action({
  title: 'Look at the shelf',
  mutates: false,
  timeoutMs: 40,
  input: z.strictObject({ key }),
  resources: path,
  async run(shelf, input) {
    if (shelf.fault === 'hang_before') await never
    if (shelf.fault === 'throw_before') throw new Error('socket hang up')
    const row = { at: new Date(0), big: 12345678901234567890n, bytes: new Uint8Array([1, 2]), nothing: undefined }
    return done({ value: shelf.things.get(input.key) ?? null, row } as unknown as JsonObject)
  }
})

/** The connector: `put` looks for a lost outcome, `put_keyed` sends again, `put_opaque` gives up truthfully. */
export const shelfConnector = defineConnector({
  id: 'shelf',
  title: 'A shelf',
  options: z.strictObject({ shelf: z.custom<Shelf>() }),
  scope: () => ({}),
  connect: ({ shelf }) => ({ client: shelf }),
  actions: { put: putVariant(lookForPut), put_keyed: putVariant('keyed'), put_opaque: putVariant('opaque'), remove, set_back: setBack, get }
})

/** Puts several things, one after the other; `mischief` makes it misbehave. */
export const stock = defineWorkflow({
  id: 'stock',
  title: 'Stock the shelf',
  payload: z.strictObject({
    things: z.record(z.string(), z.string()),
    mischief: z.enum(['throw', 'hang', 'swallow', 'float', 'all']).optional(),
    note: z.string().optional()
  }),
  uses: { shelf: shelfConnector.uses('put', 'remove', 'get') },
  async run({ shelf }, payload) {
    const entries = Object.entries(payload.things)
    if (payload.mischief === 'all') return void (await Promise.all(entries.map(([key, value]) => shelf.put({ key, value }))))
    for (const [key, value] of entries) {
      if (payload.mischief === 'swallow') await shelf.put({ key, value }).catch(() => null)
      else if (payload.mischief === 'float') void shelf.put({ key, value }).catch(() => null)
      else await shelf.put({ key, value })
    }
    if (payload.mischief === 'throw') throw new Error('boom')
  }
})

const noParsers: Parsers = {
  load: () => undefined,
  sql: () => ({ ok: false, error: 'no parser in this test' }),
  shell: () => ({ ok: false, error: 'no parser in this test' }),
  url: () => ({ ok: false, error: 'no parser in this test' })
}

export const SECRET = 'correct horse battery staple, and 12 more'

/** Ports with real keys, real stores in memory and the given replacements. */
export function toyPorts(replaced: Partial<Ports> = {}): Ports & { readonly receipts: ReturnType<typeof memoryReceipts> } {
  const receipts = memoryReceipts()
  return {
    clock: systemClock,
    ids: uuidIds,
    hash: nodeHash,
    keys: webcryptoKeys({ secret: SECRET }),
    facts: memoryFacts(),
    timer: nativeTimer,
    parsers: noParsers,
    ledger: receipts,
    sealed: memorySealed(),
    locks: null,
    approvals: null,
    budgets: null,
    receipts,
    ...replaced
  }
}

export function toyInstallation(shelf: Shelf, config: Partial<TeamConfig>): Installation {
  const connectors = [shelfConnector({ shelf })]
  return install(
    { connectors, policies: [], workflows: [stock], actions: ['put', 'put_keyed', 'put_opaque', 'remove', 'get'], ...config },
    nodeHash
  )
}

export function asked(workflow: string, payload: JsonObject, more: Partial<Admitted> = {}): Admitted {
  return {
    run_id: uuidIds.runId(),
    team_id: 'acme',
    mode: 'mediated',
    run_mode: 'enforce',
    workflow,
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k1', session_id: null },
    payload,
    links: {},
    ...more
  }
}
