import { describe, expect, test } from 'vitest'
import { allows, asks, decidedAs, denies, desk, HOUR, person, refusedWith } from './approval_samples.ts'

describe('edits', () => {
  test('an edit voids votes and links, is judged by all policies, and then everybody is asked anew', () => {
    const { approve, edit, judge, vote, link, token, effects, consume, state } = desk({
      approvers: [person('ann'), person('bob')],
      request: { needed: 2 }
    })
    const before = state().subject.request_digest
    approve('ann')
    expect(edit('bob', { rows: 3 })).toMatchObject({ kind: 'proposed' })
    expect(effects.at(-1)).toMatchObject({ kind: 'judge', payload: { rows: 3 } })
    for (const name of ['ann', 'bob']) expect(vote('approve', link(token(name)))).toEqual(refusedWith('request_changed'))
    const from = effects.length
    expect(judge([allows, asks])).toMatchObject({ kind: 'edited' })
    expect(effects.slice(from).map((effect) => effect.kind === 'notify' && [effect.why, effect.person.person_id])).toEqual([
      ['changed', 'ann'],
      ['changed', 'bob']
    ])
    expect(approve('bob')).toEqual({ kind: 'voted', missing: 1 })
    expect(approve('ann')).toEqual(decidedAs('APPROVED'))
    expect(consume('run-1', 0, before)).toEqual(refusedWith('approval_stale'))
    expect(consume('run-1').kind).toBe('consumed')
  })

  test.each([
    ['denied by a policy', [allows, denies]],
    ['judged by no policy', []]
  ])('an edit %s is dropped: the request stands as it was, with new links', (_what, results) => {
    const { edit, judge, approve, vote, link, token, state } = desk()
    const { request_digest } = state().subject
    const old = token('ann')
    edit('ann', { rows: 40 })
    expect(judge(results)).toEqual({ kind: 'edit_refused', policy_results: results })
    expect(state().subject).toMatchObject({ payload: { rows: 5 }, request_digest })
    expect(vote('approve', link(old))).toEqual(refusedWith('request_changed'))
    expect(approve('ann')).toEqual(decidedAs('APPROVED'))
  })

  test('while an edit is judged nobody can vote, delegate or edit, by link or by key', () => {
    const { edit, vote, key, link, token, delegate, deny } = desk()
    edit('ann', { rows: 3 })
    expect(vote('approve', key('ann'))).toEqual(refusedWith('request_changed'))
    expect(vote('approve', link(token('ann')))).toEqual(refusedWith('request_changed'))
    expect(edit('ann', { rows: 2 })).toEqual(refusedWith('request_changed'))
    expect(delegate('ann', person('bob'))).toEqual(refusedWith('request_changed'))
    expect(deny('ann')).toEqual(refusedWith('request_changed'))
  })

  test('a verdict on another edit, or on none, changes nothing', () => {
    const { edit, judge, state } = desk()
    expect(judge([allows], 0, 'sha256:none')).toEqual(refusedWith('request_changed'))
    edit('ann', { rows: 3 })
    expect(judge([allows], 0, 'sha256:other')).toEqual(refusedWith('request_changed'))
    expect(state().proposal).not.toBeNull()
  })

  test('a verdict that comes after the deadline changes nothing', () => {
    const { edit, judge, state } = desk()
    edit('ann', { rows: 3 })
    expect(judge([allows], HOUR)).toEqual(decidedAs('EXPIRED', 'already_decided'))
    expect(state()).toMatchObject({ status: 'EXPIRED', subject: { payload: { rows: 5 } } })
  })

  test('an edit after the approval is late', () => {
    const { approve, edit, consume } = desk()
    approve('ann')
    expect(edit('ann', { rows: 47 })).toEqual(decidedAs('APPROVED', 'already_decided'))
    expect(consume('run-1').kind).toBe('consumed')
  })

  test('an edit that changes nothing, or the ninth, is refused', () => {
    const { edit, judge } = desk()
    expect(edit('ann', { rows: 5 })).toEqual(refusedWith('invalid'))
    for (let rows = 10; rows < 18; rows++) {
      edit('ann', { rows })
      judge([allows])
    }
    expect(edit('ann', { rows: 99 })).toEqual(refusedWith('invalid'))
  })

  test('an alarm while an edit is judged asks for the judgement again, and writes to nobody', () => {
    const { edit, alarm, effects } = desk()
    edit('ann', { rows: 3 })
    const from = effects.length
    alarm(HOUR / 2)
    expect(effects.slice(from).map((effect) => effect.kind)).toEqual(['judge'])
  })
})

describe('delegation', () => {
  test('who hands on is out, with every link; the other decides', () => {
    const { delegate, vote, link, boxes, approve, effects } = desk({ approvers: [person('ann', ['mail', 'slack'])] })
    expect(delegate('ann', person('bob'))).toEqual({ kind: 'delegated', to: 'bob@company.com' })
    expect(effects).toContainEqual({ kind: 'withdraw', why: 'delegated', person_ids: ['ann'] })
    for (const pair of boxes.get('ann')!) {
      expect(vote('approve', link(pair.approve))).toEqual(refusedWith('token_invalid'))
      expect(vote('deny', link(pair.deny))).toEqual(refusedWith('token_invalid'))
    }
    expect(approve('bob')).toEqual(decidedAs('APPROVED'))
  })

  test.each<[string, (at: ReturnType<typeof desk>) => unknown, string]>([
    ['to somebody asked already', ({ delegate }) => delegate('ann', person('bob')), 'invalid'],
    ['to the same person under another id', ({ delegate }) => delegate('ann', { ...person('bob'), person_id: 'bob-2' }), 'invalid'],
    ['back to who handed it on', ({ delegate }) => (delegate('ann', person('cyd')), delegate('cyd', person('ann'))), 'invalid'],
    ['to who cannot be reached', ({ delegate }) => delegate('ann', person('cyd', [])), 'approver_unknown'],
    [
      'by who has voted',
      ({ approve, delegate, boxes }) => (approve('ann'), boxes.set('ann', boxes.get('ann')!.slice(0, 1)), delegate('ann', person('cyd'))),
      'invalid'
    ]
  ])('refused %s', (_what, act, code) => {
    const two = desk({ approvers: [person('ann', ['slack', 'mail']), person('bob')], request: { needed: 2 } })
    expect(act(two)).toEqual(refusedWith(code))
  })

  test('a chain of delegations ends', () => {
    const { delegate } = desk()
    for (let i = 0; i < 16; i++) expect(delegate(i === 0 ? 'ann' : `p${i - 1}`, person(`p${i}`)).kind).toBe('delegated')
    expect(delegate('p15', person('p16'))).toEqual(refusedWith('invalid'))
  })
})
