// The time family.
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/engine/index.ts'
import { codeFreezeActive, withinMaintenanceWindow } from '../../src/policies/time/index.ts'
import { testPolicy } from './test_policy.ts'

const at = (times: readonly string[], start: number, end: number) =>
  times.map((now) => ({ now: `2026-03-01T${now}Z`, params: { start_hour_utc: start, end_hour_utc: end } }))

testPolicy(withinMaintenanceWindow, {
  allows: [
    ...at(['02:00:00', '02:59:59.999', '03:59:59'], 2, 4),
    ...at(['22:00:00', '23:59:59', '00:00:00', '03:59:59'], 22, 4),
    ...at(['00:00:00', '12:00:00', '23:59:59'], 0, 24),
    ...at(['20:00:00', '23:59:59'], 20, 24),
    ...at(['23:00:00', '00:00:00'], 23, 1)
  ],
  denies: [
    ...at(['01:59:59.999', '04:00:00', '14:00:00'], 2, 4),
    ...at(['04:00:00', '21:59:59'], 22, 4),
    ...at(['00:00:00', '19:59:59'], 20, 24),
    ...at(['05:00:00', '05:30:00', '06:00:00'], 5, 5),
    ...at(['00:00:00'], 20, 0)
  ].map((row) => ({ ...row, says: 'UTC is outside' }))
})

describe('within_maintenance_window', () => {
  it.each([
    [-1, 4],
    [24, 4],
    [2, 25],
    [2.5, 4],
    [2, undefined]
  ])('refuses hours that are none: %s to %s', (start_hour_utc, end_hour_utc) => {
    expect(() => withinMaintenanceWindow({ start_hour_utc, end_hour_utc } as never)).toThrow(/parameter/)
  })
})

const OFF: Json[] = [
  false,
  null,
  0,
  '',
  '0',
  'false',
  'FALSE',
  ' no ',
  'off',
  { active: false },
  { active: false, reason: 'over' },
  { active: 'no' },
  { active: null }
]
const ON: Json[] = [true, 1, '1', 'true', 'TRUE', 'Yes', ' on ', { active: true }, { active: 'yes' }, { reason: 'x' }, {}, [], ['x']]

testPolicy(codeFreezeActive, {
  allows: [{}, ...OFF.map((code_freeze) => ({ facts: { code_freeze } }))],
  denies: [
    ...ON.map((code_freeze) => ({ facts: { code_freeze }, says: 'a code freeze is active' })),
    { facts: { code_freeze: 'release 2.1' }, says: 'release 2.1' },
    { facts: { code_freeze: { active: true, reason: 'quarter end' } }, says: 'quarter end' }
  ]
})
