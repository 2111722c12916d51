// What forms check before they send, in words; and what the server finds wrong, at its field.
import { describe, expect, it } from 'vitest'
import { scopesWrong, stateOf } from '../../src/ui/pages/agents/wire.ts'
import { lastMonth, periodOf, sizeText } from '../../src/ui/pages/exports/wire.ts'
import { matchesFilter, paramLines } from '../../src/ui/pages/policies/params_text.ts'
import { daysOf } from '../../src/ui/pages/settings/days.ts'
import { BLANK, bodyOf, formOf } from '../../src/ui/pages/settings/person.ts'
import { looksLikeKey } from '../../src/ui/pages/sign_in/key_text.ts'
import { attemptText } from '../../src/ui/pages/webhooks/wire.ts'
import { editableJson, readJson } from '../../src/ui/parts/json_text.ts'
import { messageAt, placesOf } from '../../src/ui/parts/sending.ts'

describe('what the server finds wrong', () => {
  const places = placesOf([
    { pointer: '/scopes', detail: 'no key may both run and approve' },
    { pointer: '/channels/0/address', detail: 'must be a Slack member id' },
    { pointer: 7, detail: 'nonsense' },
    null
  ])
  it('stands at its field, what lies below it too', () => {
    expect(messageAt(places, '/scopes')).toBe('no key may both run and approve')
    expect(messageAt(places, '/channels')).toBe('must be a Slack member id')
    expect(messageAt(places, '/scope')).toBeNull()
    expect(messageAt(places, '/label')).toBeNull()
  })
  it('is nothing where the answer is no list', () => {
    expect(placesOf('oops')).toEqual([])
  })
})

describe('scopes', () => {
  it.each([
    [[], '', /at least one/],
    [['run', 'approve'], 'a@b', /both ask and answer/],
    [['admin', 'approve'], 'a@b', /both ask and answer/],
    [['approve'], '', /registered approver/],
    [['approve', 'read'], 'a@b', /^$/],
    [['run', 'read'], '', /^$/]
  ])('%j for `%s`', (scopes, email, expected) => {
    expect(scopesWrong(scopes, email) ?? '').toMatch(expected)
  })
  it('tells a revoked key from an expired one', () => {
    expect(stateOf({ revoked_at: '2026-01-01T00:00:00Z', expires_at: null }, 0)).toBe('revoked')
    expect(stateOf({ revoked_at: null, expires_at: '1970-01-01T00:00:01Z' }, 1_000)).toBe('expired')
    expect(stateOf({ revoked_at: null, expires_at: '1970-01-01T00:00:01Z' }, 999)).toBe('active')
  })
})

describe('a person', () => {
  it('goes through the form unchanged', () => {
    const person = {
      person_id: 'p',
      email: 'ana@acme.dev',
      name: null,
      channels: [
        { kind: 'mail', address: 'ana@acme.dev' },
        { kind: 'slack', address: 'U024BE7LH' }
      ],
      roles: ['approver', 'dba'],
      clearance_level: 3,
      attributes: { region: 'eu' },
      escalation_order: 1
    } as const
    const { person_id: _id, ...body } = person
    expect(bodyOf(formOf(person))).toEqual({ body })
  })
  it.each([
    [{ email: 'ana' }, '/email'],
    [{ email: 'a@b', order: '-1' }, '/escalation_order'],
    [{ email: 'a@b', clearance: '1.5' }, '/clearance_level'],
    [{ email: 'a@b', channels: 'pigeon home' }, '/channels'],
    [{ email: 'a@b', attributes: '[1]' }, '/attributes'],
    [{ email: 'a@b', attributes: '{' }, '/attributes']
  ])('%j is wrong at %s', (given, pointer) => {
    expect(bodyOf({ ...BLANK, ...given })).toMatchObject({ pointer })
  })
  it('is reached by e-mail where nothing else is said', () => {
    expect(bodyOf({ ...BLANK, email: ' a@b ' })).toMatchObject({
      body: { channels: [{ kind: 'mail', address: 'a@b' }], roles: ['approver'] }
    })
  })
})

describe('JSON as it is typed', () => {
  it('is refused with the place', () => {
    expect(readJson('')).toMatchObject({ wrong: 'is empty: write JSON' })
    expect(readJson('{\n  "a": 1,\n}').wrong).toMatch(/^is no JSON(: something is wrong in line 3 at character 1)?$/)
  })
  it('hides nothing, and means the same', () => {
    const value = { a: 'gnp\u202Eexe', b: 'ü 日本', c: '\u200B' }
    const text = editableJson(value)
    expect(text).toContain('\\u202e')
    expect(text).toContain('ü 日本')
    expect(JSON.parse(text)).toEqual(value)
  })
})

describe('periods, days and sizes', () => {
  it('takes both days whole', () => {
    expect(periodOf('2026-10-01', '2026-10-31')).toEqual({ from: '2026-10-01T00:00:00.000Z', to: '2026-11-01T00:00:00.000Z' })
    expect(periodOf('', '2026-10-31')).toMatchObject({ pointer: '/from' })
    expect(periodOf('2026-10-02', '2026-10-01')).toMatchObject({ pointer: '/to', wrong: 'is before the first day' })
  })
  it('offers the last whole month', () => {
    expect(lastMonth(new Date('2026-03-15T12:00:00Z'))).toEqual({ from: '2026-02-01', to: '2026-02-28' })
    expect(lastMonth(new Date('2026-01-01T00:00:00Z'))).toEqual({ from: '2025-12-01', to: '2025-12-31' })
  })
  it('reads days', () => {
    expect(daysOf(' 365 ')).toEqual({ value: 365, wrong: null })
    expect(daysOf('')).toEqual({ value: null, wrong: null })
    expect(daysOf('0').wrong).not.toBeNull()
    expect(daysOf('1e3').wrong).not.toBeNull()
  })
  it('writes sizes', () => {
    expect([512, 12_345, 1_234_567].map(sizeText)).toEqual(['512 B', '12 KB', '1.2 MB'])
  })
})

describe('policies', () => {
  const policy = {
    policy: 'require_branch_prefix',
    title: 'Branches begin with a prefix',
    params: { prefix: 'agent/', also: [] },
    on: ['github.writes'],
    facts: [],
    reads: ['branch'],
    mode: 'enforce',
    blocks_24h: 0,
    last_blocks: []
  } as const
  it('reads parameters one a line', () => {
    expect(paramLines(policy.params)).toEqual([
      { name: 'prefix', value: 'agent/' },
      { name: 'also', value: 'none' }
    ])
    expect(paramLines(null)).toEqual([])
  })
  it('filters by every word', () => {
    expect(matchesFilter(policy, 'prefix GITHUB')).toBe(true)
    expect(matchesFilter(policy, 'prefix postgres')).toBe(false)
    expect(matchesFilter(policy, '')).toBe(true)
  })
})

describe('a key', () => {
  it.each([
    ['enact_live_0123_abcdef', true],
    ['two words here', false],
    ['', false],
    ['x'.repeat(300), false]
  ])('`%s` looks like one: %s', (text, expected) => {
    expect(looksLikeKey(text)).toBe(expected)
  })
})

describe('an attempt', () => {
  it.each([
    [{ number: 1, at: '', status: 204, error: null, duration_ms: 12 }, '204 in 12 ms'],
    [{ number: 1, at: '', status: null, error: 'timed out', duration_ms: 9 }, 'timed out in 9 ms'],
    [{ number: 1, at: '', status: 500, error: 'no', duration_ms: 9 }, '500: no in 9 ms']
  ])('%j reads `%s`', (attempt, expected) => {
    expect(attemptText(attempt)).toBe(expected)
  })
})
