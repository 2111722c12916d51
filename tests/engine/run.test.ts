// A run always ends in one true receipt.
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import {
  admit,
  admitRollback,
  allow,
  ask,
  definePolicy,
  deny,
  execute,
  executeRollback,
  isStopped,
  judge,
  planRollback,
  Receipt,
  stopped,
  verifyReceipt,
  type Admitted,
  type Installation,
  type JournalEntry,
  type Ports,
  type RunEnding,
  type RunResult
} from '../../src/engine/index.ts'
import { asked, newShelf, shelfConnector, stock, toyInstallation, toyPorts, type Shelf } from './toy.ts'

const open = definePolicy({ id: 'open', title: 'Allows', params: z.strictObject({}), reads: z.object({}), evaluate: () => allow('fine') })
const noBad = definePolicy({
  id: 'no_bad',
  title: 'No bad value',
  params: z.strictObject({}),
  reads: z.object({ value: z.string().optional() }),
  on: ['shelf.*'],
  evaluate: ({ reads }) => (reads.value === 'bad' ? deny('value `bad` is bad', { remedy: 'be good' }) : allow('good'))
})
const policies = [open(), noBad()]

/** A run that nobody has to approve. */
function over(ending: RunEnding): RunResult {
  if (ending.status === 'PENDING') throw new Error('the run waits for a person')
  return ending
}

async function run(installation: Installation, request: Admitted, ports: Ports, entries: JournalEntry[] = []): Promise<RunResult> {
  const judged = await judge(installation, admit(installation, request), ports)
  const result = over(await (isStopped(judged) ? stopped(judged, ports) : execute(installation, judged, ports, memoryJournal(entries))))
  const { signatures: _s, ...rest } = result.receipt
  expect(Receipt.safeParse(result.receipt).error).toBeUndefined()
  expect((await verifyReceipt(result.receipt, await ports.keys.team('acme'), nodeHash)).valid).toBe(true)
  expect(await ports.ledger.latest('acme', rest.run_id)).toEqual(result.receipt)
  return result
}

async function rollBack(
  installation: Installation,
  runId: string,
  ports: Ports,
  mode: 'enforce' | 'dry_run' = 'enforce'
): Promise<RunResult> {
  const plan = await planRollback('acme', runId, ports)
  if (plan.kind === 'done')
    return {
      run_id: plan.receipt.run_id,
      status: 'DONE',
      decision: plan.receipt.decision,
      outcome: plan.receipt.outcome,
      output: {},
      receipt: plan.receipt
    }
  const judged = await judge(installation, admitRollback(plan.original, asked('', {}, { run_mode: mode })), ports)
  return judged.decision === 'BLOCK' ? stopped(judged, ports) : over(await executeRollback(installation, judged, ports, memoryJournal()))
}

function setUp(more: Parameters<typeof toyInstallation>[1] = {}): {
  shelf: Shelf
  ports: ReturnType<typeof toyPorts>
  installation: Installation
} {
  const shelf = newShelf()
  return { shelf, ports: toyPorts(), installation: toyInstallation(shelf, { policies, ...more }) }
}

describe('a run', () => {
  it('that passes has its effects, its inverses and its output in the receipt', async () => {
    const { shelf, ports, installation } = setUp()
    shelf.things.set('b', 'old')
    const { receipt, output } = await run(installation, asked('stock', { things: { a: '1', b: '2' } }), ports)
    expect(receipt).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED', mode: 'mediated', revision: 0 })
    expect(receipt.actions_taken.map(({ status, rollback_data }) => [status, rollback_data])).toEqual([
      ['DONE', { action: 'remove', input: { key: 'a' }, expect: { value: '1' } }],
      ['DONE', { action: 'set_back', input: { key: 'b', value: 'old' }, expect: { value: '2' } }]
    ])
    expect(receipt.actions_taken[0]!.resources).toEqual(['shelf/a'])
    expect(output).toEqual({ put: { before: 'old', already_done: false } })
    expect(Object.fromEntries(shelf.things)).toEqual({ a: '1', b: '2' })
  })

  it('judges every call that the workflow really makes: a denied one is not made, and what came before it is told', async () => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('stock', { things: { a: '1', b: 'bad', c: '3' } }), ports)
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'PARTIAL', error: { code: 'blocked' } })
    expect(receipt.actions_taken.map((taken) => taken.status)).toEqual(['DONE', 'SKIPPED'])
    expect(receipt.policy_results.filter((result) => result.call === 1)).toEqual([
      { policy: 'no_bad', passed: false, effect: 'deny', reason: 'value `bad` is bad', remedy: 'be good', call: 1 }
    ])
    expect(Object.fromEntries(shelf.things)).toEqual({ a: '1' })
  })

  it('cannot be carried on by a workflow that swallows a failed call', async () => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('stock', { things: { a: 'bad', b: '2' }, mischief: 'swallow' }), ports)
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
    expect(shelf.effects).toBe(0)
  })

  it.each(['float', 'all'])('leaves no call out of the receipt when the workflow runs them with `%s`', async (mischief) => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('stock', { things: { a: '1', b: '2', c: '3' }, mischief }), ports)
    expect(receipt.actions_taken.filter((taken) => taken.status === 'DONE').length).toBe(shelf.effects)
    expect(shelf.effects).toBeGreaterThan(0)
  })

  it('whose workflow throws half-way is PARTIAL and says why', async () => {
    const { ports, installation } = setUp()
    const { receipt } = await run(installation, asked('stock', { things: { a: '1' }, mischief: 'throw' }), ports)
    expect(receipt).toMatchObject({ decision: 'PASS', outcome: 'PARTIAL', error: { code: 'workflow_threw', message: 'boom' } })
  })

  it('of something that is not listed is a BLOCK with a receipt, not a crash', async () => {
    const { ports, installation } = setUp()
    for (const id of ['nothing', 'constructor', '__proto__', 'set_back', 'shelf.set_back']) {
      const { receipt } = await run(installation, asked(id, {}), ports)
      expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', policy_results: [{ policy: 'allow_list', code: 'not_allowed' }] })
    }
  })

  it('with an allow list that is empty, or a system that is off, does nothing and says what to do', async () => {
    const shelf = newShelf()
    for (const [system, remedy] of [
      [shelfConnector({ shelf, allowed_actions: [] }), /allowed_actions/],
      [shelfConnector.off('SHELF_TOKEN'), /SHELF_TOKEN/]
    ] as const) {
      const ports = toyPorts()
      const installation = toyInstallation(shelf, { policies, connectors: [system] })
      for (const request of [asked('put', { key: 'a', value: '1' }), asked('stock', { things: { a: '1' } })]) {
        const { receipt } = await run(installation, request, ports)
        expect(receipt.decision).toBe('BLOCK')
        expect(receipt.policy_results[0]!.remedy).toMatch(remedy)
        expect(receipt.policy_results.map((result) => result.policy)).toEqual(
          expect.arrayContaining(['allow_list', 'open', 'no_bad'].slice(0, request.workflow === 'put' ? 3 : 2))
        )
      }
    }
    expect(shelf.effects).toBe(0)
  })

  it('whose payload does not fit names the place and has no receipt', async () => {
    const { ports, installation } = setUp()
    expect(() => admit(installation, asked('stock', { things: { a: 1 } }))).toThrow(
      expect.objectContaining({ code: 'invalid', status: 422, errors: [expect.objectContaining({ pointer: '/payload/things/a' })] })
    )
    expect(() => admit(installation, asked('put', { key: 'a', value: '1', extra: true }))).toThrow(
      expect.objectContaining({ code: 'invalid' })
    )
    expect(await ports.receipts.latest('acme', 'x')).toBeNull()
  })

  it('in dry_run is judged and touches nothing', async () => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }, { run_mode: 'dry_run' }), ports)
    expect(receipt).toMatchObject({ decision: 'PASS', outcome: 'NONE', run_mode: 'dry_run', actions_taken: [] })
    expect(shelf.effects).toBe(0)
  })

  it('in shadow goes on past a deny and its receipt still says BLOCK', async () => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('put', { key: 'a', value: 'bad' }, { run_mode: 'shadow' }), ports)
    expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'SUCCEEDED', run_mode: 'shadow' })
    expect(shelf.effects).toBe(1)
  })

  it('keeps dates, bigints and bytes of an output truly', async () => {
    const { shelf, ports, installation } = setUp()
    shelf.things.set('a', '1')
    const { receipt } = await run(installation, asked('get', { key: 'a' }), ports)
    expect(receipt.actions_taken[0]!.output).toEqual({
      value: '1',
      row: { at: '1970-01-01T00:00:00.000Z', big: '12345678901234567890', bytes: 'AQI=' },
      already_done: false
    })
  })
})

describe('an effect is told truly, whatever the vendor does', () => {
  const cases: [Shelf['fault'], 'put' | 'put_keyed' | 'put_opaque', string, number][] = [
    ['refuse', 'put', 'FAILED', 0],
    ['500_before', 'put', 'FAILED', 0],
    ['500_after', 'put', 'SUCCEEDED', 1],
    ['500_before', 'put_opaque', 'UNKNOWN', 0],
    ['500_after', 'put_opaque', 'UNKNOWN', 1],
    ['throw_before', 'put', 'FAILED', 0],
    ['throw_after', 'put', 'SUCCEEDED', 1],
    ['throw_after', 'put_opaque', 'UNKNOWN', 1],
    ['hang_before', 'put', 'UNKNOWN', 0],
    ['hang_after', 'put', 'SUCCEEDED', 1],
    ['hang_after', 'put_opaque', 'UNKNOWN', 1]
  ]
  it.each(cases)('%s on %s is %s', async (fault, action, outcome, effects) => {
    const { shelf, ports, installation } = setUp()
    shelf.fault = fault
    const { receipt } = await run(installation, asked(action, { key: 'a', value: '1' }), ports)
    expect([receipt.decision, receipt.outcome, shelf.effects]).toEqual(['PASS', outcome, effects])
  })

  it('an unknown effect whose look fails stays UNKNOWN', async () => {
    const { shelf, ports, installation } = setUp()
    Object.assign(shelf, { fault: '500_after', lookFails: true })
    const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }), ports)
    expect(receipt.outcome).toBe('UNKNOWN')
  })

  it('a call that was given up cannot note anything any more, so that it does not make its effect permanent behind the receipt', async () => {
    const { shelf, ports, installation } = setUp()
    shelf.fault = 'note_late'
    const { receipt } = await run(installation, asked('put_opaque', { key: 'a', value: '1' }), ports)
    expect(receipt.outcome).toBe('UNKNOWN')
    await shelf.late
    expect([shelf.effects, shelf.things.size]).toEqual([0, 0])
  })

  it('a read that never answers is FAILED with its time-out', async () => {
    const { shelf, ports, installation } = setUp()
    shelf.fault = 'hang_before'
    const { receipt } = await run(installation, asked('get', { key: 'a' }), ports)
    expect(receipt).toMatchObject({ outcome: 'FAILED', actions_taken: [{ status: 'FAILED', error: { code: 'timeout' } }] })
  })
})

describe('a policy that misbehaves fails closed', () => {
  const wrong = (evaluate: () => never) =>
    definePolicy({ id: 'wrong', title: 'Wrong', params: z.strictObject({}), reads: z.object({}), evaluate })()
  it('by throwing', async () => {
    const { shelf, ports, installation } = setUp({
      policies: [
        open(),
        wrong(() => {
          throw new Error('oops')
        })
      ]
    })
    const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }), ports)
    expect(receipt.policy_results[1]).toMatchObject({ effect: 'deny', code: 'policy_error' })
    expect([receipt.decision, shelf.effects]).toEqual(['BLOCK', 0])
  })
  it('by reading a fact that fails or never comes', async () => {
    const needs = definePolicy({
      id: 'needs',
      title: 'Needs',
      params: z.strictObject({}),
      reads: z.object({}),
      facts: ['f'],
      evaluate: () => allow('fine')
    })
    const shelf = newShelf()
    const installation = toyInstallation(shelf, { policies: [needs()] })
    const timer = { within: <T>(ms: number, work: Promise<T>) => toyPorts().timer.within(Math.min(ms, 30), work) }
    for (const read of [() => Promise.reject(new Error('down')), () => new Promise<never>(() => {})]) {
      const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }), toyPorts({ facts: { read }, timer }))
      expect(receipt.policy_results.find((result) => result.policy === 'needs')).toMatchObject({ effect: 'deny', code: 'policy_error' })
    }
    expect(shelf.effects).toBe(0)
  })
  it('by asking where nobody can answer', async () => {
    const asks = definePolicy({
      id: 'asks',
      title: 'Asks',
      params: z.strictObject({}),
      reads: z.object({}),
      evaluate: () => ask('a person should look')
    })
    const { shelf, ports, installation } = setUp({ policies: [asks(), open()] })
    const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }), ports)
    expect(receipt.policy_results).toContainEqual(
      expect.objectContaining({ policy: 'approval', effect: 'deny', code: 'approval_unavailable' })
    )
    expect(shelf.effects).toBe(0)
  })
  it('and what an agent claims to be never reaches it', async () => {
    const roles: unknown[] = []
    const sees = definePolicy({
      id: 'sees',
      title: 'Sees',
      params: z.strictObject({}),
      reads: z.object({ actor_role: z.string().optional() }),
      evaluate: ({ reads }) => {
        roles.push(reads.actor_role)
        return allow('seen')
      }
    })
    const shelf = newShelf()
    const installation = toyInstallation(shelf, { policies: [sees()] })
    await judge(installation, asked('put', { key: 'a', value: '1', actor_role: 'admin' } as never), toyPorts()).catch(() => null)
    await judge(installation, asked('put', { key: 'a', value: '1' }, { user_attributes: { role: 'contractor' } }), toyPorts())
    expect(roles).not.toContain('admin')
    expect(roles).toContain('contractor')
  })
})

describe('a secret', () => {
  it('never reaches the receipt, and the rollback still restores it', async () => {
    const { shelf, ports, installation } = setUp()
    const token = ['gh', 'p_', 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8'].join('')
    shelf.things.set('a', token)
    const { receipt } = await run(installation, asked('put', { key: 'a', value: 'new', api_key: token }), ports)
    expect(JSON.stringify(receipt)).not.toContain(token)
    expect(receipt.payload_digest).toMatch(/^hmac-sha256:/)
    expect(receipt.sealed_digest).toMatch(/^hmac-sha256:/)
    const back = await rollBack(installation, receipt.run_id, ports)
    expect(back.receipt.actions_taken[0]!.status).toBe('REVERTED')
    expect(shelf.things.get('a')).toBe(token)
    expect(JSON.stringify(back.receipt)).not.toContain(token)
  })
})

describe('a rollback', () => {
  it('takes everything back, newest first, is linked both ways, and asked again gives the same receipt', async () => {
    const { shelf, ports, installation } = setUp()
    shelf.things.set('b', 'old')
    const { receipt } = await run(installation, asked('stock', { things: { a: '1', b: '2' } }), ports)
    const dry = await rollBack(installation, receipt.run_id, ports, 'dry_run')
    expect(dry.receipt).toMatchObject({ outcome: 'NONE', run_mode: 'dry_run' })
    expect(dry.receipt.actions_taken.map((taken) => [taken.status, taken.output.would])).toEqual([
      ['SKIPPED', 'UNKNOWN'],
      ['SKIPPED', 'REVERTED']
    ])
    expect(Object.fromEntries(shelf.things)).toEqual({ a: '1', b: '2' })
    const back = await rollBack(installation, receipt.run_id, ports)
    expect(back.receipt).toMatchObject({
      workflow: 'rollback:stock',
      decision: 'PASS',
      outcome: 'SUCCEEDED',
      links: { rollback_of: receipt.run_id }
    })
    expect(back.receipt.actions_taken.map((taken) => [taken.action, taken.status, taken.output.undoes])).toEqual([
      ['set_back', 'REVERTED', 1],
      ['remove', 'REVERTED', 0]
    ])
    expect(Object.fromEntries(shelf.things)).toEqual({ b: 'old' })
    const linked = (await ports.receipts.latest('acme', receipt.run_id))!
    expect(linked).toMatchObject({ revision: 1, links: { rolled_back_by: back.run_id } })
    expect((await verifyReceipt(linked, await ports.keys.team('acme'), nodeHash)).valid).toBe(true)
    expect((await rollBack(installation, receipt.run_id, ports)).run_id).toBe(back.run_id)
  })

  it('never overwrites newer work: CONFLICT, told per call, and a second rollback retries just that', async () => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('stock', { things: { a: '1', b: '2' } }), ports)
    shelf.things.set('b', 'newer')
    const back = await rollBack(installation, receipt.run_id, ports)
    expect(back.receipt).toMatchObject({ decision: 'PARTIAL', outcome: 'PARTIAL' })
    expect(back.receipt.actions_taken.map((taken) => taken.status)).toEqual(['CONFLICT', 'REVERTED'])
    expect(Object.fromEntries(shelf.things)).toEqual({ b: 'newer' })
    shelf.things.set('b', '2')
    const again = await rollBack(installation, receipt.run_id, ports)
    expect(again.receipt.actions_taken.map((taken) => taken.status)).toEqual(['REVERTED', 'ALREADY'])
    expect(shelf.things.size).toBe(0)
  })

  it('tells what is irreversible, and refuses where nothing happened', async () => {
    const { shelf, ports, installation } = setUp()
    shelf.things.set('a', '1')
    const gone = await run(installation, asked('remove', { key: 'a' }), ports)
    expect((await rollBack(installation, gone.run_id, ports)).receipt).toMatchObject({
      decision: 'PARTIAL',
      actions_taken: [{ status: 'IRREVERSIBLE' }]
    })
    const blocked = await run(installation, asked('put', { key: 'a', value: 'bad' }), ports)
    await expect(rollBack(installation, blocked.run_id, ports)).rejects.toMatchObject({ code: 'nothing_to_undo', status: 409 })
    const already = await run(installation, asked('remove', { key: 'zzz' }), ports)
    await expect(rollBack(installation, already.run_id, ports)).rejects.toMatchObject({ code: 'nothing_to_undo' })
  })

  it.each([
    [
      'changed after signing',
      (receipt: Receipt) => ({
        ...receipt,
        actions_taken: [
          { ...receipt.actions_taken[0]!, rollback_data: { action: 'remove', input: { key: 'victim' }, expect: { value: 'v' } } }
        ]
      })
    ],
    [
      'of another installation',
      (receipt: Receipt) => ({ ...receipt, signatures: receipt.signatures.map((one) => ({ ...one, keyid: 'elsewhere' })) })
    ],
    ['imported', (receipt: Receipt) => ({ ...receipt, mode: 'imported' as const })],
    ['without its HMAC', (receipt: Receipt) => ({ ...receipt, signatures: receipt.signatures.slice(1) })]
  ])('runs nothing from a receipt that is %s', async (_name, forge) => {
    const { shelf, ports, installation } = setUp()
    const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }), ports)
    shelf.things.set('victim', 'v')
    const forged: Ports = {
      ...ports,
      ledger: { ...ports.ledger, append: (team, one) => ports.ledger.append(team, one), latest: async () => forge(receipt) as Receipt }
    }
    await expect(rollBack(installation, receipt.run_id, forged)).rejects.toMatchObject({ status: 409 })
    expect(shelf.things.get('victim')).toBe('v')
  })

  it('is judged by the policies whose `on` names rollback', async () => {
    const { shelf, ports } = setUp()
    const frozen = definePolicy({
      id: 'frozen',
      title: 'Frozen',
      params: z.strictObject({}),
      reads: z.object({}),
      on: ['rollback'],
      evaluate: () => deny('no rollbacks now')
    })
    const installation = toyInstallation(shelf, { policies: [open(), frozen()] })
    const { receipt } = await run(installation, asked('put', { key: 'a', value: '1' }), ports)
    expect((await rollBack(installation, receipt.run_id, ports)).receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE' })
    expect(shelf.things.get('a')).toBe('1')
  })
})

describe('a run resumed over its journal', () => {
  it('from every point at which it can have been interrupted makes no effect twice and ends in one receipt', async () => {
    const whole: JournalEntry[] = []
    const first = setUp()
    await run(first.installation, asked('stock', { things: { a: '1', b: '2' } }), first.ports, whole)
    expect(whole.map((entry) => entry.type)).toEqual(['started', 'intent', 'outcome', 'intent', 'outcome', 'finished'])
    for (let cut = 1; cut <= whole.length; cut++) {
      for (const landed of [true, false]) {
        const { shelf, ports, installation } = setUp()
        const entries = structuredClone(whole.slice(0, cut))
        const outcomes = entries.filter((entry) => entry.type === 'outcome').length
        const intents = entries.filter((entry) => entry.type === 'intent').length
        const effects = landed ? intents : outcomes
        for (const [key, value] of [
          ['a', '1'],
          ['b', '2']
        ].slice(0, effects) as [string, string][])
          shelf.things.set(key, value)
        const started = entries[0] as Extract<JournalEntry, { type: 'started' }>
        const result = over(await execute(installation, started.run as never, ports, memoryJournal(entries)))
        expect(result).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED' })
        expect(shelf.effects).toBe(2 - effects)
        expect(Object.fromEntries(shelf.things)).toEqual({ a: '1', b: '2' })
        expect(over(await execute(installation, started.run as never, ports, memoryJournal(entries))).receipt).toEqual(result.receipt)
      }
    }
  })

  it('stops with UNKNOWN when the workflow diverges or the configuration changed after an effect', async () => {
    const entries: JournalEntry[] = []
    const { shelf, ports, installation } = setUp()
    await run(installation, asked('stock', { things: { a: '1', b: '2' } }), ports, entries)
    const started = entries[0] as Extract<JournalEntry, { type: 'started' }>
    const judged = started.run as unknown as Parameters<typeof execute>[1]
    const diverged = entries
      .slice(0, 3)
      .map((entry) =>
        entry.type === 'started'
          ? { ...entry, run: { ...entry.run, admitted: { ...judged.admitted, payload: { things: { z: '9' } } } } }
          : entry
      )
    const effects = shelf.effects
    expect(await execute(installation, judged, toyPorts(), memoryJournal(diverged as JournalEntry[]))).toMatchObject({ outcome: 'UNKNOWN' })
    const changed = toyInstallation(shelf, { policies: [open()], workflows: [stock] })
    const cutOff = over(await execute(changed, judged, toyPorts(), memoryJournal(entries.slice(0, 4))))
    expect(cutOff.receipt.actions_taken.map((taken) => [taken.status, taken.error?.code])).toEqual([
      ['DONE', undefined],
      ['UNKNOWN', 'interrupted']
    ])
    const result = await execute(changed, judged, toyPorts(), memoryJournal(entries.slice(0, 3)))
    expect(result).toMatchObject({ outcome: 'UNKNOWN', receipt: { error: { code: 'config_changed' } } })
    expect(shelf.effects).toBe(effects)
  })
})
