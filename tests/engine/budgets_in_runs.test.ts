// Budgets in runs: exactly so much takes effect, whatever runs at once, fails, crashes or is tried by an agent that wants more.
import { describe, expect, it } from 'vitest'
import { memoryBudgets } from '../../src/adapters/budgets/memory.ts'
import { memoryFacts } from '../../src/adapters/facts/memory.ts'
import { memoryJournal } from '../../src/adapters/journal/memory.ts'
import { uuidIds } from '../../src/adapters/ids/uuid.ts'
import {
  BUDGETS_FACT,
  execute,
  judge,
  PROMOTED,
  replay,
  reportOutcome,
  type Budgets,
  type JsonObject,
  type PolicyResult,
  type Receipt,
  type RunResult
} from '../../src/engine/index.ts'
import { limitRate } from '../../src/policies/budget/limit_rate.ts'
import { limitTotal } from '../../src/policies/budget/limit_total.ts'
import { requireApproval } from '../../src/policies/access/require_approval.ts'
import { budgetWorld, dyingJournal, START } from './budget_world.ts'
import { asked } from './toy.ts'

const ten = (more: object = {}, on: string[] = ['pay']) => limitRate({ max: 10, window: '60s', ...more }, { on })
const refusal = (receipt: Receipt): PolicyResult => receipt.policy_results.find(({ effect }) => effect === 'deny')!
const figures = (receipt: Receipt, fact = BUDGETS_FACT) => receipt.facts[fact] as JsonObject[]

describe('a budget of ten', () => {
  it('lets exactly ten of fifty runs take effect, all at once, and tells the others when there is room', async () => {
    const { shop, pay } = budgetWorld([ten()])
    const receipts = await Promise.all(Array.from({ length: 50 }, () => pay()))
    expect(shop.payments).toBe(10)
    const passed = receipts.filter(({ decision }) => decision === 'PASS')
    expect(passed).toHaveLength(10)
    for (const receipt of receipts.filter(({ decision }) => decision === 'BLOCK')) {
      expect(receipt).toMatchObject({ outcome: 'NONE', actions_taken: [], error: { code: 'blocked' } })
      expect(refusal(receipt)).toMatchObject({
        policy: 'limit_rate',
        passed: false,
        code: 'budget_exhausted',
        reason: expect.stringMatching(/^10 of 10 `pay` in the last 60 s by key `k1`(, \d+ of them in flight)?; the next is free at .+Z$/),
        remedy: expect.stringMatching(/^ask again at .+Z$/)
      })
    }
  })

  it('is ten in any minute', async () => {
    const { shop, time, pay } = budgetWorld([ten()])
    for (let i = 0; i < 10; i++) {
      await pay()
      time.now += 1_000
    }
    time.now = START + 59_999
    expect((await pay()).decision).toBe('BLOCK')
    time.now = START + 60_000
    expect((await pay()).decision).toBe('PASS')
    expect((await pay()).decision).toBe('BLOCK')
    expect(shop.payments).toBe(11)
  })

  it('has its figures in every receipt that it judged, from which the same verdict follows', async () => {
    const { pay } = budgetWorld([ten({ max: 1 })])
    const first = await pay()
    const second = await pay()
    expect(figures(first)).toEqual([
      {
        budget: 'limit_rate 60s per key on pay',
        scope: 'k1',
        amount: 1,
        used: 0,
        in_flight: 0,
        max: 1,
        window_seconds: 60,
        frees_at: null
      }
    ])
    expect(figures(second)).toMatchObject([{ used: 1, frees_at: new Date(START + 60_000).toISOString() }])
    expect(first.policy_results).toMatchObject([{ effect: 'allow', reason: '1 of 1 `pay` in the last 60 s by key `k1`' }])
  })

  it('counts what had an effect or may have had one, and gives back the rest', async () => {
    const { shop, pay } = budgetWorld([ten({ max: 2 })])
    shop.fault = 'refuse'
    for (let i = 0; i < 5; i++) expect(await pay()).toMatchObject({ decision: 'PASS', outcome: 'FAILED' })
    shop.fault = 'none'
    for (let i = 0; i < 5; i++) expect((await pay(7)).actions_taken).toMatchObject([{ status: 'ALREADY' }])
    shop.fault = 'unknown'
    expect(await pay()).toMatchObject({ outcome: 'UNKNOWN' })
    shop.fault = 'none'
    expect([(await pay()).decision, (await pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })

  it('is each key’s own, the user’s, or the team’s', async () => {
    const as = (api_key_id: string, user_email = 'agent@company.com') => ({ user_email, actor: { api_key_id, session_id: null } })
    const passes = async (per: string, ...who: object[]) => {
      const { pay } = budgetWorld([ten({ max: 1, per })])
      const decisions = []
      for (const one of who) decisions.push((await pay(1, one)).decision)
      return decisions
    }
    expect(await passes('key', as('k1'), as('k2'), as('k1', 'other@company.com'))).toEqual(['PASS', 'PASS', 'BLOCK'])
    expect(await passes('user', as('k1'), as('k2', 'AGENT@company.com'), as('k1', 'b@company.com'))).toEqual(['PASS', 'BLOCK', 'PASS'])
    expect(await passes('team', as('k1'), as('k2', 'b@company.com'))).toEqual(['PASS', 'BLOCK'])
    expect(await passes('team', as('k1'), { ...as('k1'), team_id: 'other' })).toEqual(['PASS', 'PASS'])
  })

  it('counts nothing in a dry run or in shadow, and nothing that another policy denies', async () => {
    const { shop, pay, run } = budgetWorld([ten({ max: 1 }), limitTotal({ field: 'amount', max: 100, window: '1h' }, { on: ['pay'] })])
    await pay(1, { run_mode: 'dry_run' })
    await pay(1, { run_mode: 'shadow' })
    await run('pay_all', { amounts: [1, 1, 1] }, { run_mode: 'shadow' })
    expect(shop.payments).toBe(4)
    expect(refusal(await pay(-1))).toMatchObject({ policy: 'limit_total', code: 'policy_error' })
    expect(refusal(await pay(101))).toMatchObject({ policy: 'limit_total', code: 'budget_exhausted' })
    expect((await pay()).decision).toBe('PASS')
    expect(refusal(await pay())).toMatchObject({ policy: 'limit_rate' })
  })
})

describe('a receipt', () => {
  it('is judged again by the figures that it holds, whatever is used today', async () => {
    const { pay, ports, installation } = budgetWorld([ten({ max: 2 })])
    const receipts = [await pay(), await pay(), await pay()]
    const again = (receipt: Receipt, by = installation) => replay(receipt, [], by, ports.parsers)
    for (const receipt of receipts) expect(await again(receipt)).toMatchObject({ kind: 'same' })
    const wider = budgetWorld([ten({ max: 3 })]).installation
    expect(await again(receipts[2]!, wider)).toMatchObject({ kind: 'changed', was: 'BLOCK', now: 'PASS' })
    const narrower = budgetWorld([ten({ max: 1 })]).installation
    expect(await again(receipts[1]!, narrower)).toMatchObject({
      kind: 'changed',
      now: 'BLOCK',
      because: [{ policy: 'limit_rate', reason: expect.stringContaining('1 of 1 `pay`') }]
    })
    expect(await again(receipts[0]!, narrower)).toMatchObject({ kind: 'same' })
    const other = budgetWorld([limitTotal({ field: 'amount', max: 5, window: '1d' }, { on: ['pay'] })]).installation
    expect(await again(receipts[0]!, other)).toEqual({ kind: 'unknown', why: '`limit_total` needs `budgets`, which was not read then' })
  })
})

describe('a budget in shadow', () => {
  const shadow = limitRate({ max: 1, window: '60s' }, { on: ['pay'], mode: 'shadow' })
  it('counts what it would have let through, says what it would have stopped, and stops nothing', async () => {
    const { shop, pay } = budgetWorld([shadow])
    const [first, second, third] = [await pay(), await pay(), await pay()]
    expect(shop.payments).toBe(3)
    expect(first.policy_results).toMatchObject([{ effect: 'allow', would: 'allow' }])
    for (const { policy_results } of [second, third])
      expect(policy_results).toMatchObject([{ effect: 'allow', passed: true, would: 'deny', code: 'budget_exhausted' }])
    expect(figures(third)).toMatchObject([{ used: 1 }])
  })
  it('stands beside the one that is enforced, to try out a smaller one', async () => {
    const { pay } = budgetWorld([ten({ max: 2, window: '60s' }), shadow])
    const [, second, third] = [await pay(), await pay(), await pay()]
    expect(second!.policy_results).toMatchObject([{ effect: 'allow' }, { effect: 'allow', would: 'deny' }])
    expect(third!.policy_results).toMatchObject([{ effect: 'deny' }, { effect: 'allow', would: 'deny' }])
  })
  it('is enforced once it is promoted, and goes on from what it has counted', async () => {
    const facts: Record<string, string[]> = {}
    const { pay } = budgetWorld([shadow], { facts: { read: async (team, name) => memoryFacts(facts).read(team, name) } })
    await pay()
    facts[PROMOTED] = ['limit_rate']
    expect(refusal(await pay())).toMatchObject({ code: 'budget_exhausted' })
  })
})

describe('several budgets', () => {
  it('of one policy are told apart, and each refuses for itself', async () => {
    const { time, pay } = budgetWorld([ten({ max: 2 }), ten({ max: 3, window: '1h' })])
    for (let i = 0; i < 2; i++) expect((await pay()).decision).toBe('PASS')
    const third = await pay()
    expect(third.policy_results.map(({ effect }) => effect)).toEqual(['deny', 'allow'])
    time.now += 60_000
    expect((await pay()).decision).toBe('PASS')
    const fifth = await pay()
    expect(fifth.policy_results.map(({ effect }) => effect)).toEqual(['allow', 'deny'])
    expect(refusal(fifth).reason).toContain('3 of 3 `pay` in the last 3600 s'.replace('3600 s', '60 m'))
  })
  it('with one counter do not start', () => {
    expect(() => budgetWorld([ten(), ten({ max: 5, window: '1m' })])).toThrow('counts the same twice')
  })
})

describe('the calls of a workflow', () => {
  it('are counted one by one, and the one too many is not made', async () => {
    const { shop, run, pay } = budgetWorld([ten({ max: 3 })])
    const first = (await run('pay_all', { amounts: [1, 1, 1, 1, 1] })).receipt
    expect(first).toMatchObject({ decision: 'BLOCK', outcome: 'PARTIAL' })
    expect(first.actions_taken.map(({ status }) => status)).toEqual(['DONE', 'DONE', 'DONE', 'SKIPPED'])
    expect(refusal(first)).toMatchObject({ policy: 'limit_rate', call: 3, code: 'budget_exhausted' })
    expect([0, 1, 2, 3].map((call) => figures(first, `budgets#${call}`)[0]!.in_flight)).toEqual([0, 1, 2, 3])
    expect(first.facts).not.toHaveProperty(BUDGETS_FACT)
    expect((await pay()).decision).toBe('BLOCK')
    expect(shop.payments).toBe(3)
  })
  it('and single actions share a budget; what did not happen is given back at once', async () => {
    const { shop, run, pay } = budgetWorld([ten({ max: 3 })])
    await run('pay_all', { amounts: [1, 7, 7, 1] })
    expect(shop.payments).toBe(2)
    expect([(await pay()).decision, (await pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })
  it('are not what a budget of requests counts, which counts the run once if it did something', async () => {
    const { shop, run } = budgetWorld([limitRate({ max: 2, window: '1h' })])
    const decisions = []
    for (const amounts of [[7, 7], [1, 1, 1], [1], [1]]) decisions.push((await run('pay_all', { amounts })).receipt.decision)
    expect([decisions, shop.payments]).toEqual([['PASS', 'PASS', 'PASS', 'BLOCK'], 4])
  })
  it('that a payload splits into many small ones are counted together', async () => {
    const { shop, run, pay } = budgetWorld([limitTotal({ field: 'amount', max: 100, window: '24h' }, { on: ['pay'] })])
    await run('pay_all', { amounts: Array.from({ length: 60 }, () => 2) })
    expect(shop.paid).toBe(100)
    expect((await pay(1)).decision).toBe('BLOCK')
    expect((await pay(0)).decision).toBe('PASS')
  })
})

describe('an amount', () => {
  it.each([-5, '5', '1e3', 1.5, 1e308, null, true, [[1, 2]], { amount: 1 }])('of %j is refused and counts nothing', async (amount) => {
    const { shop, pay } = budgetWorld([limitTotal({ field: 'amount', max: 10, window: '1h' }, { on: ['pay'] })])
    expect(refusal(await pay(amount))).toMatchObject({ code: 'policy_error' })
    expect((await pay(10)).decision).toBe('PASS')
    expect(shop.payments).toBe(1)
  })
})

describe('what only an output tells', () => {
  const rows = limitTotal({ output: 'affected', max: 10, window: '1h' }, { on: ['wipe'] })
  const fill = (shop: { rows: Set<string> }, prefix: string, count: number) => {
    for (let i = 0; i < count; i++) shop.rows.add(`${prefix}${i}`)
  }
  it('is reserved as it is seen beforehand, and counted as it was', async () => {
    const { shop, run } = budgetWorld([rows])
    fill(shop, 'a', 6)
    fill(shop, 'b', 5)
    fill(shop, 'c', 4)
    const decisions = []
    for (const prefix of ['a', 'b', 'c', 'z']) decisions.push((await run('wipe', { prefix })).receipt.decision)
    expect([decisions, shop.rows.size]).toEqual([['PASS', 'BLOCK', 'PASS', 'PASS'], 5])
    expect(refusal((await run('wipe', { prefix: 'b' })).receipt).reason).toMatch(
      /^10 of 10 `affected` of `wipe` in the last 60 m by key `k1`, and this is 5 more; there is room at /
    )
  })
  it('cannot become more between the look and the deed', async () => {
    const { shop, run } = budgetWorld([rows])
    fill(shop, 'a', 2)
    shop.arrives = Array.from({ length: 20 }, (_, i) => `a late ${i}`)
    expect((await run('wipe', { prefix: 'a' })).receipt).toMatchObject({
      outcome: 'FAILED',
      actions_taken: [{ status: 'FAILED', error: { code: 'more_than_budgeted' } }]
    })
    expect(shop.rows.size).toBe(22)
  })
  it('is refused where an action cannot tell, unless the policy says how much it may be', async () => {
    expect(() => budgetWorld([limitTotal({ output: 'affected', max: 10, window: '1h' }, { on: ['pay'] })])).toThrow('give `at_most`')
    const { pay } = budgetWorld([limitTotal({ output: 'affected', max: 10, window: '1h', at_most: 6 }, { on: ['pay'] })])
    expect([(await pay()).decision, (await pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })
})

describe('a budget that cannot be asked', () => {
  const never: Budgets = { reserve: () => new Promise<never>(() => {}), settle: async () => undefined }
  const timer = { within: <T>(ms: number, work: Promise<T>) => (ms === 5_000 ? Promise.race([work, late()]) : work) }
  const late = () => new Promise<never>((_, reject) => setTimeout(() => reject(new Error('no answer within 5000 ms')), 5))
  it.each<[string, Budgets | null, object]>([
    ['there is none', null, {}],
    ['does not answer', never, { timer }],
    ['throws', { ...never, reserve: () => Promise.reject(new Error('overloaded')) }, {}],
    ['grants without figures', { ...never, reserve: async () => ({ granted: true, figures: [] }) }, {}],
    [
      'grants what does not fit',
      {
        ...never,
        reserve: async () => ({ granted: true, figures: [{ budget: 'b', scope: 's', amount: 1, used: 99, inFlight: 0, freesAtMs: null }] })
      },
      {}
    ]
  ])('denies: it %s', async (_, budgets, more) => {
    const { shop, pay } = budgetWorld([ten()], { budgets, ...more })
    const receipt = await pay()
    expect([shop.payments, receipt.decision, refusal(receipt).code]).toEqual([0, 'BLOCK', 'budget_unavailable'])
  })
  it('afterwards counts until its window is over, and the run is not held up', async () => {
    const clock = { now: () => START }
    const budgets: Budgets = { ...memoryBudgets(clock), settle: () => Promise.reject(new Error('gone')) }
    const { shop, pay } = budgetWorld([ten({ max: 1 })], { budgets })
    shop.fault = 'refuse'
    expect((await pay()).outcome).toBe('FAILED')
    expect((await pay()).decision).toBe('BLOCK')
  })
})

describe('without a budget', () => {
  it('nobody is asked and nobody is told anything', async () => {
    const asked = { reserve: () => Promise.reject(new Error('asked')), settle: () => Promise.reject(new Error('told')) }
    const calls: string[] = []
    const spying = new Proxy(asked, { get: (target, name) => (calls.push(String(name)), target[name as keyof typeof asked]) })
    const { run, pay, observe } = budgetWorld([requireApproval({}, { on: ['wipe'] }), ten({}, ['count'])], { budgets: spying })
    await pay()
    await run('pay_all', { amounts: [1, 7] })
    const { receipt } = await observe('pay', { amount: 1 })
    expect([calls, receipt!.decision]).toEqual([[], 'PASS'])
  })
})

describe('a run that dies', () => {
  const policies = () => [ten({ max: 2 })]
  /** Dies before it writes this line, and goes on over what is in its journal. */
  async function resumed(type: string, workflow = 'pay', payload: JsonObject = { amount: 1 }) {
    const world = budgetWorld(policies())
    const { journal, entries, died } = dyingJournal((entry) => entry.type === type)
    const order = asked(workflow, payload)
    const judged = await judge(world.installation, order, world.ports)
    void execute(world.installation, judged, world.ports, journal)
    await died
    const left = (await world.ports.budgets!.reserve('acme', probe)).figures[0]!
    const { receipt } = (await execute(world.installation, judged, world.ports, memoryJournal(entries))) as RunResult
    return { ...world, receipt, left }
  }
  const probe = {
    run_id: 'probe',
    ordinal: 0,
    holdMs: 0,
    wants: [{ budget: 'limit_rate 60s per key on pay', scope: 'k1', amount: 0, max: 2, windowMs: 60_000, isBinding: true }]
  }

  it.each([
    ['between the reservation and its line', 'spent'],
    ['between the reservation and the intent', 'intent'],
    ['after the effect', 'outcome'],
    ['after the settlement', 'finished']
  ])('%s counts once', async (_, type) => {
    const { pay, receipt, left, shop } = await resumed(type)
    expect(left.used + left.inFlight).toBe(1)
    expect(receipt.decision).toBe('PASS')
    if (type !== 'outcome') expect(shop.payments).toBe(1)
    expect(figures(receipt)).toMatchObject([{ amount: 1, used: 0, in_flight: 0 }])
    expect([(await pay()).decision, (await pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })
  it('in the middle of a workflow counts each call once', async () => {
    const { pay, receipt } = await resumed('finished', 'pay_all', { amounts: [1, 7] })
    expect(receipt.outcome).toBe('SUCCEEDED')
    expect([(await pay()).decision, (await pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })
  it('and never comes back counts until its window is over, and as long as it might come back', async () => {
    const world = budgetWorld(policies())
    const { journal, died } = dyingJournal((entry) => entry.type === 'intent')
    void execute(world.installation, await judge(world.installation, asked('pay', { amount: 1 }), world.ports), world.ports, journal)
    await died
    await world.pay()
    expect((await world.pay()).decision).toBe('BLOCK')
    world.time.now = START + 300_000
    expect([(await world.pay()).decision, (await world.pay()).decision]).toEqual(['PASS', 'PASS'])
  })
})

describe('a configuration that changed between verdict and effect', () => {
  it('counts by the budgets that it has now', async () => {
    const before = budgetWorld([requireApproval({}, { on: ['wipe'] })])
    const now = budgetWorld([requireApproval({}, { on: ['wipe'] }), ten({ max: 1 }), ten({ max: 1, window: '1h' })])
    const decisions = []
    for (let i = 0; i < 2; i++) {
      const judged = await judge(before.installation, asked('pay', { amount: 1 }), now.ports)
      const { receipt } = (await execute(now.installation, judged, now.ports, memoryJournal())) as RunResult
      decisions.push(receipt.policy_results.map(({ policy, effect }) => `${policy} ${effect}`))
    }
    expect(decisions).toEqual([
      ['limit_rate allow', 'limit_rate allow'],
      ['limit_rate deny', 'limit_rate deny']
    ])
    expect(now.shop.payments).toBe(1)
  })
})

describe('time', () => {
  it('that goes backwards makes no room', async () => {
    const { time, pay, shop } = budgetWorld([ten({ max: 1 })])
    await pay()
    time.now -= 3_600_000
    expect((await pay()).decision).toBe('BLOCK')
    time.now = START + 59_999
    expect((await pay()).decision).toBe('BLOCK')
    time.now = START + 60_000
    expect((await pay()).decision).toBe('PASS')
    expect(shop.payments).toBe(2)
  })
})

describe('what people are asked about', () => {
  it('uses up nothing while it waits, and is refused where the budget went to others meanwhile', async () => {
    const answers = { approved: false }
    const approval = { hitl_id: 'h', decision: 'APPROVED' as const, votes: [], request_digest: 'd' }
    const approvals = {
      request: async () => ({ hitl_id: 'h', request_digest: 'd', expires_at: '2030-01-01T00:00:00.000Z' }),
      consume: async () =>
        answers.approved ? { kind: 'consumed' as const, approval } : { kind: 'pending' as const, expires_at: '2030-01-01T00:00:00.000Z' },
      editedPayload: async () => null
    }
    const { installation, ports, pay, run, shop } = budgetWorld(
      [ten({ max: 1 }), requireApproval({}, { on: ['wipe'] }), limitRate({ max: 1, window: '1h' })],
      { approvals }
    )
    const journal = memoryJournal()
    const judged = await judge(installation, asked('wipe', { prefix: 'a' }), ports)
    expect((await execute(installation, judged, ports, journal)).status).toBe('PENDING')
    expect((await pay()).decision).toBe('PASS')
    answers.approved = true
    expect(((await execute(installation, judged, ports, journal)) as RunResult).receipt).toMatchObject({
      decision: 'BLOCK',
      outcome: 'NONE'
    })
    expect((await run('count', {})).receipt.decision).toBe('BLOCK')
    expect(shop.payments).toBe(1)
    const roomy = budgetWorld([requireApproval({}, { on: ['wipe'] }), limitRate({ max: 2, window: '1h' })], { approvals })
    expect((await roomy.run('wipe', { prefix: 'a' })).receipt).toMatchObject({ decision: 'PASS', facts: { budgets: [{ used: 0 }] } })
    expect([(await roomy.pay()).decision, (await roomy.pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })
})

describe('in observed mode', () => {
  const tell = (world: ReturnType<typeof budgetWorld>, receipt: Receipt, success: boolean, output: JsonObject = {}) =>
    reportOutcome(receipt, { success, output, error: success ? null : 'no', rollback_data: null }, world.ports)

  it('what passes counts, with what Enact does by itself, until it is told that it failed', async () => {
    const world = budgetWorld([ten({ max: 2 })])
    const first = await world.observe('pay', { amount: 1 })
    expect(figures(first.receipt!)).toMatchObject([{ amount: 1, used: 0 }])
    expect((await world.pay()).decision).toBe('PASS')
    const refused = await world.observe('pay', { amount: 1 })
    expect([refused.decision, refusal(refused.receipt!).code]).toEqual(['BLOCK', 'budget_exhausted'])
    await tell(world, first.receipt!, false)
    expect((await world.observe('pay', { amount: 1 })).decision).toBe('PASS')
    expect((await world.observe('pay', { amount: 1 })).decision).toBe('BLOCK')
  })
  it('asked twice under one id counts once', async () => {
    const world = budgetWorld([ten({ max: 2 })])
    const run_id = uuidIds.runId()
    for (let i = 0; i < 5; i++) expect((await world.observe('pay', { amount: 1 }, { run_id })).decision).toBe('PASS')
    expect([(await world.pay()).decision, (await world.pay()).decision]).toEqual(['PASS', 'BLOCK'])
  })
  it('what is reported as done stays counted, also where a failure is reported after it, and a block that was ignored gives nothing back', async () => {
    const world = budgetWorld([ten({ max: 1 })])
    const first = await world.observe('pay', { amount: 1 })
    const done = await tell(world, first.receipt!, true)
    await expect(tell(world, done.receipt, false)).rejects.toThrow('was reported before')
    const refused = await world.observe('pay', { amount: 1 })
    await tell(world, refused.receipt!, false)
    expect((await world.pay()).decision).toBe('BLOCK')
  })
  it('rows are counted as they are reported, of at most so many', async () => {
    const world = budgetWorld([limitTotal({ output: 'affected', max: 10, window: '1h', at_most: 8 }, { on: ['wipe'] })])
    const first = await world.observe('wipe', { prefix: 'a' })
    expect((await world.observe('wipe', { prefix: 'a' })).decision).toBe('BLOCK')
    await tell(world, first.receipt!, true, { affected: 2 })
    expect((await world.observe('wipe', { prefix: 'a' })).decision).toBe('PASS')
  })
  it('rows that only Enact could see beforehand are not let through', async () => {
    const world = budgetWorld([limitTotal({ output: 'affected', max: 10, window: '1h' }, { on: ['wipe'] })])
    const { decision, receipt } = await world.observe('wipe', { prefix: 'a' })
    expect([decision, refusal(receipt!).code]).toEqual(['BLOCK', 'budget_unavailable'])
  })
  it('what is held uses up nothing', async () => {
    const approvals = {
      request: async () => ({ hitl_id: 'h', request_digest: 'd', expires_at: '2030-01-01T00:00:00.000Z' }),
      consume: async () => ({ kind: 'pending' as const, expires_at: '2030-01-01T00:00:00.000Z' }),
      editedPayload: async () => null
    }
    const world = budgetWorld([requireApproval({}, { on: ['wipe'] }), limitRate({ max: 1, window: '1h' })], { approvals })
    for (let i = 0; i < 3; i++) expect((await world.observe('wipe', { prefix: 'a' })).decision).toBe('HOLD')
    expect((await world.observe('pay', { amount: 1 })).decision).toBe('PASS')
  })
})
