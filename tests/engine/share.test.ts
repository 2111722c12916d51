import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Receipt, type JsonObject } from '../../src/engine/schema.ts'
import { SHARE_PARTS, sharedView, type SharePart } from '../../src/engine/share.ts'

/** A receipt with a text of its own in every place, and which part each belongs to; `open` = always shown. */
function marked(salt: string) {
  const marks = new Map<string, SharePart | 'never' | 'open' | 'free'>()
  let n = 0
  const mark = (part: SharePart | 'never' | 'open' | 'free') => {
    const text = `mark-${salt}-${n++}-end`
    marks.set(text, part)
    return text
  }
  const object = (part: SharePart | 'never'): JsonObject => ({ [mark(part)]: mark(part), deep: [{ a: mark(part) }, null] })
  const id = (i: number) => `0198c0de-0000-7000-8000-${String(i).padStart(12, '0')}`
  const digest = (part: SharePart | 'open') => {
    const text = `${part === 'open' ? 'aa' : 'bb'}${String(n++).padStart(4, '0')}${'c'.repeat(58)}`
    marks.set(text, part)
    return `sha256:${text}`
  }
  const time = '2026-03-01T00:00:00Z'
  const receipt: Receipt = {
    version: 1,
    run_id: id(1),
    revision: 3,
    amends: digest('open'),
    team_id: 'acme',
    mode: 'mediated',
    run_mode: 'enforce',
    workflow: mark('open'),
    user_email: `${mark('people')}@company.com`,
    user_attributes: object('people'),
    actor: { api_key_id: mark('people'), session_id: mark('people') },
    payload: object('payload'),
    payload_digest: digest('payload'),
    sealed_digest: `hmac-sha256:${'d'.repeat(64)}`,
    policy_results: [
      {
        policy: mark('open'),
        passed: false,
        effect: 'deny',
        reason: mark('payload'),
        remedy: mark('payload'),
        code: mark('open'),
        needed: 2,
        call: 0
      },
      { policy: mark('open'), passed: true, effect: 'allow', reason: mark('payload') }
    ],
    judged_at: time,
    facts: object('never'),
    decision: 'BLOCK',
    outcome: 'PARTIAL',
    actions_taken: [
      {
        action: mark('open'),
        system: mark('open'),
        success: true,
        status: 'DONE',
        output: object('outputs'),
        rollback_data: { action: mark('outputs'), input: object('outputs'), expect: object('outputs') },
        resources: [mark('payload')],
        started_at: time,
        finished_at: time,
        error: { code: mark('open'), message: mark('free') }
      }
    ],
    error: { code: mark('open'), message: mark('free') },
    approval: {
      hitl_id: id(2),
      decision: 'DENIED',
      votes: [{ by: mark('people'), via: 'link', assurance: 'mail', decided_at: time, reason: mark('never') }],
      request_digest: digest('payload')
    },
    locks: [{ resource: mark('payload'), fencing_token: 7 }],
    links: { rollback_of: id(3), idempotency_key: mark('never') },
    config_digest: digest('open'),
    engine_version: '0.1.0',
    timestamp: time,
    signatures: [{ keyid: 'k', alg: 'Ed25519', sig: 's' }],
    ledger: { seq: 4, leaf: 'e'.repeat(64), prev: 'f'.repeat(64) }
  }
  return { receipt, marks }
}

const parts = fc.subarray([...SHARE_PARTS])

describe('a shared receipt', () => {
  test('shows what its parts allow and no hidden text of the receipt, wherever it stood', () => {
    fc.assert(
      fc.property(parts, fc.stringMatching(/^[0-9a-f]{1,6}$/), (show, salt) => {
        const { receipt, marks } = marked(salt)
        const text = JSON.stringify(sharedView(receipt, show))
        for (const [mark, part] of marks) {
          // An error repeats payload and outputs, a vote's reason people and payload.
          const may =
            part === 'open' ||
            show.includes(part as SharePart) ||
            (part === 'free' && show.includes('payload') && show.includes('outputs')) ||
            (receipt.approval!.votes[0]!.reason === mark && show.includes('payload') && show.includes('people'))
          expect([mark, part, text.includes(mark)]).toEqual([mark, part, may])
        }
      }),
      { seed: 4, numRuns: 200 }
    )
  })

  test('is still a receipt in shape, and every pointer in `hidden` leads to something empty that was not', () => {
    fc.assert(
      fc.property(parts, (show) => {
        const { receipt } = marked('x')
        const { receipt: view, hidden } = sharedView(receipt, show)
        expect(Receipt.safeParse(view).success).toBe(true)
        const at = (value: unknown, pointer: string) =>
          pointer
            .split('/')
            .slice(1)
            .reduce<unknown>((one, step) => (one as Record<string, unknown>)?.[step], value)
        for (const pointer of hidden) expect(JSON.stringify(at(receipt, pointer))).not.toBe(JSON.stringify(at(view, pointer)))
        expect(new Set(hidden).size).toBe(hidden.length)
        // What is not told to be hidden is there word for word.
        const restored = structuredClone(view) as unknown as Record<string, unknown>
        for (const pointer of hidden) {
          const steps = pointer.split('/').slice(1)
          const holder = steps.slice(0, -1).reduce<Record<string, unknown>>((one, step) => one[step] as Record<string, unknown>, restored)
          holder[steps.at(-1)!] = at(receipt, pointer)
        }
        expect(restored).toEqual(receipt)
      })
    )
  })

  test('keeps a reason back that names somebody who is hidden, in any spelling', () => {
    const { receipt } = marked('x')
    const reason = (text: string, show: SharePart[]) =>
      sharedView(
        { ...receipt, user_email: 'Deploy-Bot@Company.com', policy_results: [{ ...receipt.policy_results[0]!, reason: text }] },
        show
      ).receipt.policy_results[0]!.reason
    for (const text of ['`deploy-bot@company.com` is no admin', 'DEPLOY-BOT may not', receipt.actor.api_key_id!]) {
      expect(reason(text, ['payload'])).toBe('')
      expect(reason(text, ['payload', 'people'])).toBe(text)
    }
    expect(reason('branch `main` is protected', ['payload'])).toBe('branch `main` is protected')
  })

  test('hides a field that nobody has thought of', () => {
    const { receipt } = marked('x')
    expect(JSON.stringify(sharedView({ ...receipt, tomorrow: 'secret-of-tomorrow' } as Receipt, [...SHARE_PARTS]))).not.toContain(
      'secret-of-tomorrow'
    )
  })
})
