// The gate under every adapter: a pass is for one execution of one call of one user, and without an answer nothing passes.
import { describe, expect, it } from 'vitest'
import { sameAction, toolGate, type FrameworkCall, type ToolGateOptions } from '../../src/integrations/tool_gate.ts'
import type { DecisionAnswer, DecisionWanted, OutcomeTold } from '../../src/client.ts'

interface About {
  readonly email: string
}

function gated(answer: (nth: number) => Partial<DecisionAnswer> | Error = () => ({}), more: Partial<ToolGateOptions<About>> = {}) {
  const asked: DecisionWanted[] = []
  const told: [string, OutcomeTold][] = []
  const gate = toolGate<About>({
    enact: {
      async decide(request) {
        asked.push(request)
        const given = answer(asked.length)
        if (given instanceof Error) throw given
        return { run_id: `run-${asked.length}`, decision: 'PASS', policy_results: [], ...given }
      },
      async reportOutcome(runId, outcome) {
        told.push([runId, outcome])
      }
    },
    user_email: ({ email }) => email,
    ...more
  })
  return { gate, asked, told, ids: () => asked.map(({ tool_use_id }) => tool_use_id) }
}

const call: FrameworkCall = { toolName: 'Bash', input: { command: 'ls' }, id: 'c1' }
const ann = { about: { email: 'ann@company.com' } }
const bob = { about: { email: 'bob@company.com' } }
const pass = (run_id: string) => ({ kind: 'pass', run_id })

describe('a pass', () => {
  it('that was asked for is entered with once, and the next execution under the same id is a question of its own', async () => {
    const { gate, ids } = gated()
    expect(await gate.ask(call, ann)).toEqual(pass('run-1'))
    expect(await gate.enter(call, ann)).toEqual(pass('run-1'))
    expect(await gate.enter(call, ann)).toEqual(pass('run-2'))
    expect(await gate.ask(call, ann)).toEqual(pass('run-3'))
    expect(ids()).toEqual(['c1', 'c1#2', 'c1#3'])
  })

  it('is one execution’s even where two enter at once', async () => {
    const { gate, ids } = gated()
    const both = await Promise.all([gate.enter(call, ann), gate.enter(call, ann)])
    expect(both).toEqual([pass('run-1'), pass('run-2')])
    expect(ids()).toEqual(['c1', 'c1#2'])
  })

  it.each([
    ['tool', { ...call, toolName: 'Write' }, ann],
    ['input', { ...call, input: { command: 'rm -rf ~' } }, ann],
    ['id', { ...call, id: 'c2' }, ann],
    ['user', call, bob],
    ['session', call, { ...ann, session_id: 's2' }]
  ])('is none for another %s', async (_what, other, by) => {
    const { gate, asked } = gated((nth) => (nth === 1 ? {} : { decision: 'BLOCK' }))
    await gate.ask(call, ann)
    expect((await gate.enter(other, by)).kind).toBe('blocked')
    expect(asked).toHaveLength(2)
  })

  it('of a call that was put off is still good', async () => {
    const { gate, asked } = gated()
    await gate.enter(call, ann)
    gate.putOff(call, ann)
    expect(await gate.enter(call, ann)).toEqual(pass('run-1'))
    expect(asked).toHaveLength(1)
  })
})

describe('without a pass', () => {
  it('a hold is asked about again, a block is not', async () => {
    const held = gated((nth) => (nth === 1 ? { decision: 'HOLD' } : {}))
    expect((await held.gate.ask(call, ann)).kind).toBe('held')
    expect((await held.gate.enter(call, ann)).kind).toBe('pass')
    const blocked = gated(() => ({ decision: 'BLOCK' }))
    await blocked.gate.ask(call, ann)
    expect((await blocked.gate.enter(call, ann)).kind).toBe('blocked')
    expect(blocked.asked).toHaveLength(1)
  })

  it('nothing runs where the gate is out of reach, and the model reads no address of it', async () => {
    const { gate } = gated(() => new Error('connect ECONNREFUSED https://enact.internal'))
    const ruling = await gate.enter(call, ann)
    expect(ruling).toEqual({ kind: 'unreachable', text: expect.stringMatching(/^Enact could not be asked/) as string })
    expect(JSON.stringify(ruling)).not.toContain('enact.internal')
  })

  it('the model reads why a request was refused', async () => {
    const { gate } = gated(() => Object.assign(new Error('invalid'), { status: 422, detail: 'the input does not fit' }))
    expect(await gate.enter(call, ann)).toMatchObject({
      kind: 'unreachable',
      text: expect.stringContaining('the input does not fit') as string
    })
  })

  it('what is no JSON is blocked unasked', async () => {
    const { gate, asked } = gated()
    expect((await gate.enter({ ...call, input: { n: 1n } }, ann)).kind).toBe('blocked')
    expect(asked).toHaveLength(0)
  })

  it('a framework that gives up is not kept waiting for people, and gets no pass', async () => {
    const never = toolGate({ enact: { decide: () => new Promise(() => {}), reportOutcome: async () => undefined }, user_email: 'a@b.co' })
    const stop = new AbortController()
    const entering = never.enter(call, { about: undefined, signal: stop.signal })
    stop.abort(new Error('stopped'))
    await expect(entering).rejects.toThrow('stopped')
  })
})

describe('what is asked and told', () => {
  it('is the normalised action unless told otherwise', async () => {
    const { gate, asked } = gated()
    await gate.enter(call, ann)
    expect(asked[0]).toEqual({
      action: 'agent.shell',
      input: { tool: 'Bash', command: 'ls' },
      user_email: 'ann@company.com',
      tool_use_id: 'c1'
    })
    const same = gated(undefined, { toAction: sameAction })
    await same.gate.enter({ toolName: 'create_issue', input: { title: 't' } }, ann)
    expect(same.asked[0]).toEqual({ action: 'create_issue', input: { title: 't' }, user_email: 'ann@company.com' })
  })

  it('is each call’s own outcome, of those alone that passed', async () => {
    const { gate, told } = gated((nth) => (nth === 2 ? { decision: 'BLOCK' } : {}), { rollback: () => 'irreversible' })
    const other = { ...call, id: 'c2' }
    await gate.enter(call, ann)
    await gate.enter(other, ann)
    await gate.finish(other, { output: 'never' })
    await gate.finish(call, { output: { files: 3 } })
    await gate.finish(call, { output: 'twice' })
    expect(told).toEqual([['run-1', { success: true, output: { files: 3 }, rollback_data: 'irreversible' }]])
  })
})
