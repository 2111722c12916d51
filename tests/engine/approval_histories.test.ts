// Ten thousand random interleavings of everything that can happen to an approval, held to a small model that shares nothing with the machine.
import { expect, test } from 'vitest'
import { nodeHash } from '../../src/adapters/hash/index.ts'
import { stepApproval } from '../../src/engine/approval.ts'
import type { ApprovalAnswer, ApprovalEffect, ApprovalEvent } from '../../src/engine/approval_event.ts'
import { openApproval } from '../../src/engine/approval_open.ts'
import type { ApprovalState } from '../../src/engine/approval_state.ts'
import { allows, denies, opening, person, T } from './approval_samples.ts'
import { seeded, type Dice } from './seeded.ts'

const LIFE = 1_000_000
const VALID = 400_000

/** What the model knows of a token: whose it is, what it offers, and for which version of the request. */
interface Known {
  readonly who: string
  readonly offers: 'approve' | 'deny'
  readonly version: number
  used: boolean
}

/** The rules in the fewest words. Payloads are numbers, versions count how often links were voided. */
function model(needed: number, people: string[]) {
  const tokens = new Map<string, Known>()
  let version = 0
  let payload = 5
  let proposed: number | null = null
  let ended: string | null = null
  let approvedAt = 0
  let user: string | null = null
  let voters = new Set<string>()
  let asked = [...people]
  const gone = new Set<string>()
  const isLive = (known: Known | undefined) =>
    known !== undefined && !known.used && known.version === version && asked.includes(known.who) && proposed === null
  return {
    learn: (text: string, who: string, offers: Known['offers']) => void tokens.set(text, { who, offers, version, used: false }),
    at(now: number) {
      if (ended === null && now >= T + LIFE) ended = 'EXPIRED'
    },
    /** `counted` = it had its effect, `late`, or `no`. */
    vote(text: string, choice: 'approve' | 'deny', now: number): string {
      const known = tokens.get(text)
      if (known === undefined) return 'no'
      if (ended !== null) return 'late'
      if (!isLive(known) || (choice === 'approve' && (known.offers === 'deny' || voters.has(known.who)))) return 'no'
      known.used = true
      if (choice === 'deny') ended = 'DENIED'
      else if (voters.add(known.who).size >= needed) [ended, approvedAt] = ['APPROVED', now]
      return 'counted'
    },
    edit(text: string, next: number): string {
      const known = tokens.get(text)
      if (known === undefined) return 'no'
      if (ended !== null) return 'late'
      if (!isLive(known) || known.offers === 'deny' || next === payload) return 'no'
      proposed = next
      voters = new Set()
      version++
      return 'counted'
    },
    judged(what: number, isFine: boolean): string {
      if (ended !== null) return 'late'
      if (proposed !== what) return 'no'
      if (isFine) payload = proposed
      proposed = null
      return 'counted'
    },
    delegate(text: string, to: string): string {
      const known = tokens.get(text)
      if (known === undefined) return 'no'
      if (ended !== null) return 'late'
      if (!isLive(known) || known.offers === 'deny' || voters.has(known.who) || asked.includes(to) || gone.has(to) || to === 'owner')
        return 'no'
      gone.add(known.who)
      asked = asked.map((one) => (one === known.who ? to : one))
      return 'counted'
    },
    consume(run: string, what: number, now: number): string {
      if (ended !== 'APPROVED' || what !== payload) return 'no'
      if (user !== null) return user === run ? 'counted' : 'no'
      if (now >= approvedAt + VALID) return 'no'
      user = run
      return 'counted'
    },
    join: (who: string) => void (asked.includes(who) || asked.push(who)),
    ended: () => ended,
    payload: () => payload
  }
}

function wordOf(answer: ApprovalAnswer): string {
  if (answer.kind === 'refused' || answer.kind === 'already_voted') return 'no'
  return answer.kind === 'already_decided' ? 'late' : 'counted'
}

const payloadOf = (rows: number) => ({ payload: { rows }, preview: { count: rows } })

function play(seed: number, dice: Dice) {
  const where = `seed ${seed}`
  const needed = 1 + dice.upTo(2)
  const people = ['ann', 'bob', 'cyd'].slice(0, needed + dice.upTo(2))
  const wanted = model(needed, people)
  const escalation = dice.chance(0.3) ? [person('boss')] : []
  const given = opening({
    approvers: people.map((name) => person(name, dice.chance(0.3) ? ['mail', 'slack'] : ['mail'])),
    request: { needed, escalation, expiresAtMs: T + LIFE, validMs: VALID }
  })
  const texts: { text: string; who: string }[] = [{ text: 'forged', who: 'nobody' }]
  const digests = new Map<number, string>()
  const decisions: Extract<ApprovalEffect, { kind: 'decided' }>[] = []
  const users = new Set<string>()
  const sent: ApprovalEvent[] = []
  const opened = openApproval({ ...given, subject: { ...given.subject, ...payloadOf(5) } }, dice.bytes(32), nodeHash)
  let state: ApprovalState = opened.state
  let now = T
  digests.set(5, state.subject.request_digest)
  const deliver = (effects: readonly ApprovalEffect[]) => {
    for (const effect of effects) {
      if (effect.kind === 'decided') decisions.push(effect)
      if (effect.kind !== 'notify') continue
      if (effect.person.person_id === 'boss') wanted.join('boss')
      for (const purpose of ['approve', 'deny'] as const) {
        wanted.learn(effect.tokens[purpose], effect.person.person_id, purpose)
        texts.push({ text: effect.tokens[purpose], who: effect.person.person_id })
      }
    }
  }
  deliver(opened.effects)

  const draw = (): ApprovalEvent => {
    // A replay of something sent before, word for word, is as likely as anything new.
    if (sent.length > 0 && dice.chance(0.2)) return dice.oneOf(sent)
    const { text, who } = dice.chance(0.6) ? dice.oneOf(texts.slice(-4)) : dice.oneOf(texts)
    const credential = { kind: 'token' as const, token: text, signed_in_as: dice.chance(0.2) ? who : null }
    const roll = dice.roll()
    if (roll < 0.36) return { type: 'vote', choice: dice.chance(0.75) ? 'approve' : 'deny', credential, reason: null }
    if (roll < 0.46) return { type: 'edit', credential, ...payloadOf(dice.upTo(8)) }
    if (roll < 0.6)
      return {
        type: 'judged',
        request_digest: dice.oneOf([...digests.values()]),
        policy_results: dice.chance(0.7) ? [allows] : dice.oneOf([[], [allows, denies]]),
        seed: dice.bytes(32)
      }
    if (roll < 0.68) return { type: 'delegate', credential, to: person(dice.oneOf(['ann', 'dee', 'eve', 'owner'])), seed: dice.bytes(32) }
    if (roll < 0.75) return { type: 'alarm', seed: dice.bytes(32) }
    return { type: 'consume', run_id: dice.oneOf(['r1', 'r2']), request_digest: dice.oneOf([...digests.values(), 'sha256:none']) }
  }
  const expected = (event: ApprovalEvent): string | null => {
    const rowsOf = (digest: string) => [...digests].find(([, known]) => known === digest)?.[0] ?? -1
    if (event.type === 'alarm') return null
    if (event.type === 'consume') return wanted.consume(event.run_id, rowsOf(event.request_digest), now)
    if (event.type === 'judged')
      return wanted.judged(rowsOf(event.request_digest), event.policy_results.length > 0 && !event.policy_results.includes(denies))
    const text = event.credential.kind === 'token' ? event.credential.token : ''
    if (event.type === 'vote') return wanted.vote(text, event.choice, now)
    return event.type === 'edit' ? wanted.edit(text, event.payload.rows as number) : wanted.delegate(text, event.to.person_id)
  }

  for (let turn = 0; turn < 24; turn++) {
    now += dice.chance(0.5) ? 0 : dice.upTo(LIFE / 6)
    // Now and then around the very deadline.
    if (dice.chance(0.05)) now = Math.max(now, T + LIFE - dice.upTo(3))
    const event = draw()
    sent.push(event)
    const before = state
    const step = stepApproval(before, event, now, nodeHash)
    state = turn % 7 === 3 ? (JSON.parse(JSON.stringify(step.state)) as ApprovalState) : step.state
    wanted.at(now)
    const word = expected(event)
    if (state.proposal !== null) digests.set(state.proposal.payload.rows as number, state.proposal.request_digest)
    deliver(step.effects)
    const told = `${where} turn ${turn} ${event.type}`
    if (word !== null && word !== wordOf(step.answer)) expect({ word: wordOf(step.answer), answer: step.answer }, told).toEqual({ word })
    if (state.status !== (wanted.ended() ?? 'PENDING')) expect(state.status, told).toBe(wanted.ended() ?? 'PENDING')
    if (state.subject.payload.rows !== wanted.payload()) expect(state.subject.payload.rows, told).toBe(wanted.payload())
    // Whatever the model says: what is decided stays, and is said once.
    if (
      before.status !== 'PENDING' &&
      (state.status !== before.status || state.decidedAtMs !== before.decidedAtMs || state.subject !== before.subject) &&
      turn % 7 !== 3
    )
      expect(state, told).toEqual({ ...before, consumed: state.consumed })
    if (decisions.length > 1) expect(decisions, told).toHaveLength(1)
    if (step.answer.kind === 'consumed') {
      users.add((event as { run_id: string }).run_id)
      const isRight =
        state.status === 'APPROVED' &&
        (event as { request_digest: string }).request_digest === state.subject.request_digest &&
        users.size === 1
      if (!isRight) expect(state, told).toBeNull()
    }
  }
  const [decision] = decisions
  const isInTime = decision === undefined || decision.decision === 'EXPIRED' || Date.parse(decision.decided_at) < T + LIFE
  if (!isInTime) expect(decision, where).toBeUndefined()
  return {
    status: state.status,
    edits: state.history.filter((one) => one.what === 'edited').length,
    consumed: state.consumed !== null,
    delegated: state.history.some((one) => one.what === 'delegated')
  }
}

test('in 10,000 interleavings: no second decision, no late one, nothing consumed that was not approved, or twice, or other than approved', () => {
  const seen = { APPROVED: 0, DENIED: 0, EXPIRED: 0, PENDING: 0, edited: 0, consumed: 0, delegated: 0 }
  for (let seed = 0; seed < 10_000; seed++) {
    const { status, edits, consumed, delegated } = play(seed, seeded(seed))
    seen[status]++
    seen.edited += Number(edits > 0)
    seen.consumed += Number(consumed)
    seen.delegated += Number(delegated)
  }
  // The histories reach every ending and every turn, so the test is about something.
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100)
}, 60_000)
