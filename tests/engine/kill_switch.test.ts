// The kill switch stops every new effect, whatever policies say, and whenever it is thrown.
import { describe, expect, it } from 'vitest'
import { memoryFacts } from '../../src/adapters/facts/memory.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import {
  admit,
  admitRollback,
  execute,
  executeRollback,
  isStopped,
  judge,
  killSwitch,
  stopped,
  type Admitted,
  type Facts,
  type Installation,
  type Json,
  type Ports,
  type Receipt
} from '../../src/engine/index.ts'
import { EnactClient } from '../../src/node.ts'
import { codeFreezeActive } from '../../src/policies/index.ts'
import { asked, newShelf, shelfConnector, stock, SECRET, toyInstallation, toyPorts } from './toy.ts'

const THINGS = { things: { a: '1', b: '2', c: '3' } }
const policies = [codeFreezeActive()]

async function run(installation: Installation, request: Admitted, ports: Ports): Promise<Receipt> {
  const judged = await judge(installation, admit(installation, request), ports)
  const ending = await (isStopped(judged) ? stopped(judged, ports) : execute(installation, judged, ports, memoryJournal()))
  if (ending.status !== 'DONE') throw new Error('the run waits')
  return ending.receipt
}

/** Facts that answer as told, read by read. */
function told(answer: (read: number) => Json | undefined | Promise<Json | undefined>): Facts {
  let reads = 0
  return { read: async (_team, name) => (name === 'kill_switch' ? answer(++reads) : undefined) }
}

describe('the kill switch', () => {
  it.each([
    ['true', true],
    ['a reason', 'agents are loose'],
    ['active', { active: true, reason: 'agents are loose' }],
    ['a form that nobody knows', ['?']]
  ])('as %s stops a run that every policy allows, in every mode, with a receipt', async (_what, fact) => {
    for (const run_mode of ['enforce', 'shadow', 'dry_run'] as const) {
      const shelf = newShelf()
      const ports = toyPorts({ facts: memoryFacts({ kill_switch: fact as Json }) })
      const receipt = await run(toyInstallation(shelf, { policies }), asked('stock', THINGS, { run_mode }), ports)
      expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'NONE', actions_taken: [], facts: { kill_switch: fact } })
      expect(receipt.policy_results[0]).toMatchObject({ policy: 'kill_switch', effect: 'deny', code: 'kill_switch' })
      expect(shelf.things.size).toBe(0)
    }
  })

  it.each([[undefined], [false], [null], ['off'], [{ active: false, reason: 'drill' }]])(
    'as %j stops nothing and stands in no receipt',
    async (fact) => {
      const shelf = newShelf()
      const facts = memoryFacts(fact === undefined ? {} : { kill_switch: fact })
      const receipt = await run(toyInstallation(shelf, { policies }), asked('stock', THINGS), toyPorts({ facts }))
      expect(receipt).toMatchObject({ decision: 'PASS', outcome: 'SUCCEEDED', facts: {} })
      expect(receipt.policy_results.some(({ policy }) => policy === 'kill_switch')).toBe(false)
    }
  )

  it('thrown while a run goes on stops it before its next effect, in shadow runs too', async () => {
    for (const run_mode of ['enforce', 'shadow'] as const) {
      const shelf = newShelf()
      const ports = toyPorts({ facts: told((read) => read > 2) })
      const receipt = await run(toyInstallation(shelf, { policies }), asked('stock', THINGS, { run_mode }), ports)
      expect([...shelf.things.keys()]).toEqual(['a'])
      expect(receipt).toMatchObject({ decision: 'BLOCK', outcome: 'PARTIAL', facts: { kill_switch: true } })
      expect(receipt.actions_taken.map(({ status }) => status)).toEqual(['DONE', 'SKIPPED'])
      expect(receipt.policy_results.find(({ policy }) => policy === 'kill_switch')).toMatchObject({ call: 1, code: 'kill_switch' })
    }
  })

  it('keeps a workflow that swallows the refusal from going on', async () => {
    const shelf = newShelf()
    const ports = toyPorts({ facts: told((read) => read === 2) })
    await run(toyInstallation(shelf, { policies }), asked('stock', { ...THINGS, mischief: 'swallow' }), ports)
    expect(shelf.things.size).toBe(0)
  })

  it('that cannot be read, or not in time, is on', async () => {
    const unreadable: [string, Partial<Ports>][] = [
      ['fails', { facts: told(() => Promise.reject(new Error('D1 is down'))) }],
      [
        'throws at once',
        {
          facts: {
            read: () => {
              throw new Error('no facts')
            }
          }
        }
      ],
      [
        'hangs',
        { facts: told(() => new Promise(() => {})), timer: { within: () => Promise.reject(new Error('no answer within 2500 ms')) } }
      ]
    ]
    for (const [what, replaced] of unreadable) {
      const { results, facts } = await killSwitch('acme', toyPorts(replaced))
      expect(results[0], what).toMatchObject({ effect: 'deny', code: 'kill_switch', reason: expect.stringContaining('could not be read') })
      expect(facts, what).toEqual({})
    }
    const shelf = newShelf()
    const receipt = await run(toyInstallation(shelf, { policies }), asked('stock', THINGS), toyPorts(unreadable[0]![1]))
    expect([receipt.decision, shelf.things.size]).toEqual(['BLOCK', 0])
  })

  it('stops a rollback between two of its inverses; the next one finishes it', async () => {
    const shelf = newShelf()
    let thrown = false
    let reads = 0
    const ports = toyPorts({
      facts: { read: async (_team, name) => (name === 'kill_switch' ? (reads++, thrown && reads > 2) : undefined) }
    })
    const installation = toyInstallation(shelf, { policies })
    const original = await run(installation, asked('stock', THINGS), ports)
    const undo = async () => {
      const latest = (await ports.ledger.latest('acme', original.run_id))!
      const judged = await judge(installation, admitRollback(latest, asked('x', {})), ports)
      const ending = await executeRollback(installation, judged, ports, memoryJournal())
      if (ending.status !== 'DONE') throw new Error('the rollback waits')
      return ending.receipt
    }
    thrown = true
    reads = 0
    const first = await undo()
    expect(first.decision).toBe('BLOCK')
    expect(first.actions_taken.map(({ status }) => status)).toEqual(['REVERTED', 'FAILED', 'FAILED'])
    thrown = false
    expect((await undo()).outcome).toBe('SUCCEEDED')
    expect(shelf.things.size).toBe(0)
  })

  it('is honoured by the embedded client, each time it is asked', async () => {
    const shelf = newShelf()
    const facts: Record<string, Json> = { kill_switch: true }
    const enact = new EnactClient({
      systems: { shelf: shelfConnector({ shelf }) },
      policies,
      workflows: [stock],
      secret: SECRET,
      allowInsecureSecret: true,
      facts
    })
    const request = { workflow: 'stock', user_email: 'a@x.example', payload: THINGS }
    const { result, receipt } = await enact.run(request)
    expect([result.decision, receipt.facts]).toEqual(['BLOCK', { kill_switch: true }])
    facts.kill_switch = false
    expect((await enact.run(request)).result.decision).toBe('PASS')
  })
})
