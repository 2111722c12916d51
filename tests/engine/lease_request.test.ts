import { describe, expect, test } from 'vitest'
import { NO_LEASES, stepLeases } from '../../src/engine/lease.ts'
import type { LeaseAnswer, LeaseEvent } from '../../src/engine/lease_event.ts'
import { faultOfLease, LockRequest, viewLock } from '../../src/engine/lease_request.ts'
import { normaliseResource } from '../../src/engine/lease_resource.ts'
import { granted, T, table } from './lease_samples.ts'

describe('resources', () => {
  test.each([
    ['github/acme/app', 'github/acme/app'],
    ['a/%41', 'a/A'],
    ['a/%c3%a9', 'a/%C3%A9'],
    ['a/é', 'a/%C3%A9'],
    ['a/b c', 'a/b%20c'],
    ['postgres/default/public/t/id=7', 'postgres/default/public/t/id=7'],
    ['a/x%3D7', 'a/x%3D7'],
    ['a/agent%2Fx', 'a/agent%2Fx'],
    ['a/%21', 'a/!'],
    ['a/💥', 'a/%F0%9F%92%A5']
  ])('`%s` is written `%s`, and so stays', (given, wanted) => {
    expect(normaliseResource(given)).toBe(wanted)
    expect(normaliseResource(wanted)).toBe(wanted)
  })

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/..',
    'a/%2e%2E/b',
    'a/%',
    'a/%2',
    'a/%zz',
    'a/%ff',
    'a/%c3',
    'a/\ud800',
    'x'.repeat(1_025),
    'é'.repeat(400),
    'a/'.repeat(32) + 'a'
  ])('`%s` is no resource, and the fault names the place', (given) => {
    expect(() => normaliseResource(given, '/resources/3')).toThrow(
      expect.objectContaining({ code: 'invalid', errors: [expect.objectContaining({ pointer: '/resources/3' })] })
    )
  })

  test.each([
    ['no resource', { wants: [] }],
    ['too many resources', { wants: Array.from({ length: 65 }, (_, i) => ({ resource: `a/${i}`, mode: 'exclusive' as const })) }],
    ['a lease too short', { ttlMs: 999 }],
    ['a lease too long', { ttlMs: 600_001 }],
    ['a lease that is no number', { ttlMs: Number.NaN }],
    ['a wait too long', { waitMs: 55_001 }],
    ['a wait that is no number', { waitMs: Number.NaN }]
  ])('%s is refused', (_what, more) => {
    const event: LeaseEvent = {
      type: 'acquire',
      lock_id: 'x',
      owner: { api_key_id: 'k', run_id: null },
      holder: 'h',
      wants: [{ resource: 'a', mode: 'exclusive' }],
      ttlMs: 1_000,
      waitMs: 0,
      ...more
    }
    expect(() => stepLeases(NO_LEASES, event, T)).toThrow(expect.objectContaining({ code: 'invalid' }))
  })
})

describe('what callers send and are told', () => {
  test('a request has the contract’s defaults', () => {
    expect(LockRequest.parse({ resources: ['a'], holder: 'h' })).toEqual({
      resources: ['a'],
      holder: 'h',
      mode: 'exclusive',
      ttl_seconds: 60,
      wait_seconds: 0
    })
  })

  test.each([
    { resources: [] },
    { holder: '' },
    { ttl_seconds: 601 },
    { ttl_seconds: 0 },
    { wait_seconds: 56 },
    { wait_seconds: 1.5 },
    { run_id: 'mine' }
  ])('%j is no part of one', (more) => {
    expect(LockRequest.safeParse({ resources: ['a'], holder: 'h', ...more }).success).toBe(false)
  })

  test('a lock is told with its newest token and its end', () => {
    const { acquire } = table()
    acquire('r1', 'a')
    expect(viewLock(granted(acquire('r1', 'b')).lock)).toEqual({
      lock_id: 'lock-1',
      resources: ['a', 'b'],
      fencing_token: 2,
      expires_at: '2026-03-01T04:31:00.000Z'
    })
  })

  test('each refusal has its fault', () => {
    const rival = { resource: 'a', holder: 'h', run_id: null, expires_at: 'then', isPromised: false }
    const faults = (
      [
        { kind: 'locked', rival, reason: 'held' },
        { kind: 'lost' },
        { kind: 'not_owner' },
        { kind: 'full', detail: 'full' },
        { kind: 'released' }
      ] as LeaseAnswer[]
    ).map(faultOfLease)
    expect(faults.map((one) => one && [one.code, one.status])).toEqual([
      ['locked', 409],
      ['lock_lost', 410],
      ['forbidden', 403],
      ['too_many_locks', 429],
      null
    ])
  })
})
