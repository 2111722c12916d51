// A deletion that needs a person's yes: only that yes, for exactly this, once, and never what an agent says of it. Over real files in R2.
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { filesystem } from '../../src/connectors/index.ts'
import { edge } from '../../src/edge.ts'
import { contextOf, gather } from '../../src/engine/gate.ts'
import {
  admit,
  execute,
  install,
  isStopped,
  judge,
  replay,
  stopped,
  toolSystem,
  type Installation,
  type JsonObject,
  type Receipt
} from '../../src/engine/index.ts'
import { dontDeleteWithoutHumanOk } from '../../src/policies/index.ts'
import { makeTeam, submit } from './approval_parts.ts'

const installation = (): Installation =>
  install(
    {
      connectors: [filesystem({ bucket: env.FILES as never, prefix: 'human-ok/' }), toolSystem()],
      policies: [dontDeleteWithoutHumanOk({ system_name: 'filesystem' })],
      workflows: [],
      actions: ['filesystem.delete_file', 'filesystem.read_file']
    },
    nodeHash
  )

let house: Awaited<ReturnType<typeof makeTeam>>
let made = 0
beforeAll(async () => {
  house = await makeTeam('human-ok')
})

async function file(): Promise<string> {
  const path = `f${++made}.txt`
  await env.FILES.put(`human-ok/${path}`, 'kept')
  return path
}
const isThere = async (path: string) => (await env.FILES.head(`human-ok/${path}`)) !== null

/** A run of this installation over the real approvals, ledger and locks. `payload` is whatever the agent writes. */
async function remove(path: string, hitl_id: string | null = null, more: JsonObject = {}): Promise<Receipt> {
  const { ports } = edge(env)
  const rules = installation()
  const admitted = {
    run_id: uuidIds.runId(),
    team_id: 'human-ok',
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: 'filesystem.delete_file',
    user_email: 'agent@company.com',
    user_attributes: {},
    actor: { api_key_id: 'k', session_id: null },
    payload: { path, ...more },
    links: {},
    asking: { notify_email: null, expires_in_seconds: 3_600, callback_url: null, hitl_id }
  } as const
  const judged = await judge(rules, admit(rules, admitted), ports)
  const ending = isStopped(judged) ? await stopped(judged, ports) : await execute(rules, judged, ports, memoryJournal())
  if (ending.status === 'PENDING') throw new Error('it waits')
  return ending.receipt
}
const verdict = ({ policy_results }: Receipt) => policy_results.find(({ effect }) => effect === 'deny') ?? null

/** An approval of this action and payload; `decide` = what the person does. */
async function asked(workflow: string, payload: object, decide: 'approve' | 'deny' | null = 'approve'): Promise<string> {
  const { id, links } = await house.open({ workflow, payload })
  if (decide !== null) expect((await submit(links[decide], {})).status).toBe(200)
  return id
}

describe('dont_delete_without_human_ok at the edge', () => {
  it('blocks without an approval, and with one that the agent only writes down', async () => {
    const path = await file()
    const bare = await remove(path)
    expect([bare.decision, verdict(bare)]).toMatchObject([
      'BLOCK',
      { policy: 'dont_delete_without_human_ok', reason: expect.stringContaining('no person has approved') }
    ])
    const hitl_id = await asked('filesystem.delete_file', { path })
    const { ports } = edge(env)
    const payload = { path, hitl_id, action: 'delete_file' }
    const subject = {
      team_id: 'human-ok',
      workflow: 'filesystem.delete_file',
      user_email: 'a@b.example',
      user_attributes: {},
      mode: 'mediated'
    }
    const rules = installation()
    const { facts } = await gather(rules.policies, payload, subject, rules, ports, new Map(), Date.now())
    expect([facts, contextOf(subject, payload, facts, 0, ports, null).payload]).toEqual([{}, { path, action: 'delete_file' }])
    expect(await isThere(path)).toBe(true)
  })

  it('passes with the right one, once', async () => {
    const path = await file()
    const hitl_id = await asked('filesystem.delete_file', { path })
    const done = await remove(path, hitl_id)
    expect(done, JSON.stringify(done)).toMatchObject({
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      approval: { hitl_id, decision: 'APPROVED' }
    })
    expect(done.facts.approval).toEqual({ hitl_id, status: 'APPROVED', action: done.workflow, consumed: false })
    expect(await isThere(path)).toBe(false)
    await env.FILES.put(`human-ok/${path}`, 'there again')
    const again = await remove(path, hitl_id)
    expect([again.decision, verdict(again)!.reason]).toEqual(['BLOCK', expect.stringContaining('was used before')])
    expect(await isThere(path)).toBe(true)
  })

  it('says the same when its receipt is judged again', async () => {
    const path = await file()
    const passed = await remove(path, await asked('filesystem.delete_file', { path }))
    const blocked = await remove(path)
    const { ports } = edge(env)
    for (const receipt of [passed, blocked])
      expect(await replay(receipt, [], installation(), ports.parsers)).toMatchObject({ kind: 'same', was: receipt.decision })
  })

  it('blocks with one of another action, of another file, denied, undecided, or of another team', async () => {
    const [path, other] = [await file(), await file()]
    const foreign = await makeTeam('human-else')
    const strange = await foreign.open({ workflow: 'filesystem.delete_file', payload: { path } })
    await submit(strange.links.approve, {})
    const cases: [string, string][] = [
      [await asked('filesystem.read_file', { path }), 'of another action'],
      [await asked('filesystem.delete_file', { path: other }), 'approv'],
      [await asked('filesystem.delete_file', { path }, 'deny'), 'is DENIED'],
      [await asked('filesystem.delete_file', { path }, null), 'is PENDING'],
      [strange.id, 'no person has approved'],
      [crypto.randomUUID(), 'no person has approved']
    ]
    for (const [hitl_id, says] of cases) {
      const receipt = await remove(path, hitl_id)
      expect([receipt.decision, verdict(receipt)]).toMatchObject(['BLOCK', { reason: expect.stringContaining(says) }])
    }
    expect([await isThere(path), await isThere(other)]).toEqual([true, true])
  })

  it('of ten that redeem one approval at once, one deletes', async () => {
    const path = await file()
    const hitl_id = await asked('filesystem.delete_file', { path })
    const receipts = await Promise.all(Array.from({ length: 10 }, () => remove(path, hitl_id)))
    expect(receipts.filter(({ decision }) => decision === 'PASS').length).toBe(1)
  })
})
