// The engine with a world as small as a page: a clock, keys that are thrown away, a ledger in memory, and nothing that could be acted on.
import {
  admit,
  appendLeaf,
  EMPTY_LEDGER,
  Fault,
  install,
  judge,
  leafOf,
  parseInput,
  parseJson,
  receiptDigest,
  RunRequest,
  stopped,
  verifyReceipt,
  type Hash,
  type Ids,
  type Json,
  type JsonObject,
  type Keyring,
  type Parsers,
  type Policy,
  type Ports,
  type Timer
} from '../engine/index.ts'
import { catalogue } from '../policies/index.ts'
import type { Ask, Judgement, Scene } from '../ui/playground/protocol.ts'
import { sceneOf } from '../ui/playground/scenes.ts'
import { listOf, readParams } from './cards.ts'
import { systemOf } from './system.ts'

const TEAM = 'playground'
const EMAIL = 'agent@company.com'

/** What differs between a page and a test. */
export interface Host {
  readonly hash: Hash
  readonly keyring: Keyring
  readonly ids: Ids
  readonly timer: Timer
  readonly parsers: Parsers
  now(): number
}

/** Judges as an installation does, with its receipt. Rejects with a `Fault` for what an installation would refuse to start with, or to read. */
export type Judge = (ask: Omit<Ask, 'kind' | 'id'>) => Promise<Judgement>

/** A world whose ledger grows with every question. */
export function makeWorld(host: Host): Judge {
  let ledger = EMPTY_LEDGER
  const portsFor = (facts: JsonObject): Ports => ({
    clock: { now: host.now },
    ids: host.ids,
    hash: host.hash,
    keys: { team: async () => host.keyring },
    facts: { read: async (_team, name) => facts[name] },
    timer: host.timer,
    parsers: host.parsers,
    ledger: {
      append: async (_team, receipt) => {
        const step = appendLeaf(ledger, leafOf(receipt, host.hash), host.hash)
        ledger = step.state
        return step.place
      },
      latest: async () => null
    },
    sealed: { put: async () => undefined, get: async () => null },
    locks: null,
    approvals: null,
    budgets: null
  })
  return async (ask) => {
    const scene = sceneOf(ask.scene)
    const policies = ask.policies.map((one) => bind(one, scene))
    const installation = install({ connectors: [systemOf(scene)], policies, workflows: [], actions: [scene.action] }, host.hash)
    const payload = payloadOf(scene, ask.values)
    const request = parseInput(RunRequest, { workflow: scene.action, user_email: EMAIL, payload })
    const ports = portsFor(ask.frozen ? { code_freeze: { active: true, reason: 'set in the playground' } } : {})
    const admitted = admit(installation, {
      ...request,
      run_id: host.ids.runId(),
      team_id: TEAM,
      mode: 'mediated',
      // INVARIANT: nothing is carried out, and the receipt says so.
      run_mode: 'dry_run',
      user_attributes: attributesOf(ask),
      actor: { api_key_id: 'playground', session_id: null },
      links: {}
    })
    const began = performance.now()
    const judged = await judge(installation, admitted, ports)
    const micros = Math.round((performance.now() - began) * 1000)
    const common = { decision: judged.decision, results: judged.results, config: configOf(policies, scene), micros }
    if (judged.decision === 'HOLD')
      return { ...common, receipt: null, digest: null, proof: 'a person is asked first: the receipt comes with the answer' }
    const { receipt } = await stopped(judged, ports)
    const { valid } = await verifyReceipt(receipt, host.keyring, host.hash)
    return {
      ...common,
      receipt: JSON.stringify(receipt, null, 2),
      digest: receiptDigest(receipt, host.hash),
      proof: `${receipt.signatures.map(({ alg }) => alg).join(' and ')} by a key made in this page: ${valid ? 'both valid' : 'NOT valid'}`
    }
  }
}

/** Policies of other actions are bound to this one, as `enact.config.ts` would: `on` says what a policy guards. */
function bind({ id, params }: Ask['policies'][number], { action }: Scene): Policy {
  const entry = catalogue.get(id)
  if (entry === undefined) throw new Fault('misconfigured', `there is no policy \`${id.slice(0, 80)}\``)
  const { definition } = entry
  return definition(readParams(definition, params), definition.on === null ? {} : { on: [action] })
}

function payloadOf({ fields }: Scene, values: Ask['values']): Json {
  const payload: Record<string, Json> = {}
  for (const { name, kind } of fields) {
    const text = Object.hasOwn(values, name) ? values[name]! : ''
    if (kind === 'json') return parseJson(text)
    if (text === '') continue
    payload[name] = kind === 'list' ? listOf(text) : kind === 'number' ? Number(text) : text
  }
  return payload
}

function attributesOf({ role, clearance }: Pick<Ask, 'role' | 'clearance'>): JsonObject {
  const level = Number(clearance)
  return {
    ...(role.trim() === '' ? {} : { role: role.trim() }),
    ...(clearance.trim() !== '' && Number.isFinite(level) ? { clearance_level: level } : {})
  }
}

function configOf(policies: readonly Policy[], { action }: Scene): string {
  const lines = policies.map(({ id, params, on }) => {
    const given = Object.keys(params as JsonObject).length === 0 ? '' : literal(params)
    const name = id.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
    const isBound = on !== null && !(catalogue.get(id)?.definition.on ?? []).includes(action)
    return `  ${name}(${isBound ? `${given || '{}'}, { on: ['${action}'] }` : given})`
  })
  return `policies: [\n${lines.join(',\n')}\n]`
}

/** JSON as a TypeScript literal. */
function literal(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
  if (value === null || typeof value !== 'object') return String(value)
  return `{ ${Object.entries(value)
    .map(([key, item]) => `${key}: ${literal(item)}`)
    .join(', ')} }`
}
