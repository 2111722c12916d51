import { describe, expect, test } from 'vitest'
import {
  nextAttempt,
  openDelivery,
  replayDelivery,
  WEBHOOK_DELAYS_MS,
  type Delivery,
  type DeliveryAnswer
} from '../../src/engine/webhook_delivery.ts'
import { seeded } from './seeded.ts'

const T = Date.parse('2026-03-01T04:30:00Z')
const DAY = 86_400_000
const response = (status: number, retryAfter: string | null = null): DeliveryAnswer['result'] => ({ kind: 'response', status, retryAfter })
const answer = (delivery: Delivery, result: DeliveryAnswer['result'], now = T, random = 0) =>
  nextAttempt(delivery, { number: delivery.made + 1, durationMs: 12, result }, now, random)
const fresh = () => openDelivery('evt_1', 'end_1', T)

describe('a delivery', () => {
  test('is due at once, then after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, then dead', () => {
    let delivery = fresh()
    let now = T
    const delays = []
    while (delivery.status === 'PENDING') {
      delays.push((delivery.dueAtMs! - now) / 1000)
      now = delivery.dueAtMs!
      delivery = answer(delivery, response(500), now)
    }
    expect(delays).toEqual([0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400])
    expect(delivery).toMatchObject({ status: 'DEAD', dueAtMs: null, made: 10, event_id: 'evt_1' })
  })

  test('is never tried earlier than its delay says, nor more than a tenth later', () => {
    const dice = seeded(4)
    for (let attempt = 0; attempt < WEBHOOK_DELAYS_MS.length - 1; attempt++) {
      for (let i = 0; i < 50; i++) {
        const { dueAtMs } = answer({ ...fresh(), attempt, made: attempt }, response(500), T, dice.roll())
        const delay = WEBHOOK_DELAYS_MS[attempt + 1]!
        expect(dueAtMs! - T).toBeGreaterThanOrEqual(delay)
        expect(dueAtMs! - T).toBeLessThanOrEqual(delay * 1.1)
      }
    }
  })

  test.each<[string, DeliveryAnswer['result'], Partial<Delivery>]>([
    ['200', response(200), { status: 'DELIVERED', dueAtMs: null }],
    ['204', response(204), { status: 'DELIVERED', dueAtMs: null }],
    ['299', response(299), { status: 'DELIVERED', dueAtMs: null }],
    ['199', response(199), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['301 to a metadata address', response(301), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['304', response(304), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['400', response(400), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['410', response(410), { status: 'ENDPOINT_GONE', dueAtMs: null }],
    ['410 with Retry-After', response(410, '60'), { status: 'ENDPOINT_GONE', dueAtMs: null }],
    ['429', response(429), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['429 with seconds', response(429, '90'), { status: 'PENDING', dueAtMs: T + 90_000 }],
    ['503 with fewer seconds than the delay', response(503, '1'), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['503 with a date', response(503, 'Sun, 01 Mar 2026 05:00:00 GMT'), { status: 'PENDING', dueAtMs: T + 1_800_000 }],
    ['503 with a date that is past', response(503, 'Sun, 01 Mar 2020 05:00:00 GMT'), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['429 with a year', response(429, '31536000'), { status: 'PENDING', dueAtMs: T + DAY }],
    ['429 with a date in a century', response(429, 'Thu, 01 Jan 2126 00:00:00 GMT'), { status: 'PENDING', dueAtMs: T + DAY }],
    ['429 with an impossible date', response(429, 'Sun, 99 Mar 2026 99:00:00 GMT'), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['429 with words', response(429, 'soon'), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['429 with a negative number', response(429, '-5'), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['429 with an enormous number', response(429, '9'.repeat(400)), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['500 with Retry-After, which means nothing there', response(500, '90'), { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['no answer in time', { kind: 'timeout' }, { status: 'PENDING', dueAtMs: T + 5_000 }],
    ['a connection that is reset', { kind: 'failed', message: 'ECONNRESET' }, { status: 'PENDING', dueAtMs: T + 5_000 }]
  ])('%s', (_what, result, wanted) => {
    expect(answer(fresh(), result)).toMatchObject(wanted)
  })

  test('an answer that comes twice, late or for another attempt changes nothing', () => {
    const first = answer(fresh(), response(500))
    for (const number of [0, 1, 3]) expect(nextAttempt(first, { number, durationMs: 1, result: response(200) }, T, 0)).toBe(first)
    const done = answer(first, response(200))
    expect(answer(done, response(500))).toBe(done)
    expect(answer(done, response(410))).toBe(done)
  })

  test('each attempt can be seen, with its status or what went wrong', () => {
    let delivery = answer(fresh(), response(302))
    delivery = answer(delivery, { kind: 'timeout' }, T + 5_000)
    delivery = answer(delivery, { kind: 'failed', message: 'x'.repeat(999) }, T + 310_000)
    expect(delivery.attempts).toEqual([
      {
        number: 1,
        at: '2026-03-01T04:30:00.000Z',
        status: 302,
        error: 'redirects are not followed: register the address itself',
        duration_ms: 12
      },
      { number: 2, at: '2026-03-01T04:30:05.000Z', status: null, error: 'no answer within 15 s', duration_ms: 12 },
      { number: 3, at: '2026-03-01T04:35:10.000Z', status: null, error: 'x'.repeat(200), duration_ms: 12 }
    ])
  })

  test('a replay begins the delays again under the same event id, and what is kept to be shown stays bounded', () => {
    let delivery = fresh()
    for (let replay = 0; replay < 5; replay++) {
      while (delivery.status === 'PENDING') delivery = answer(delivery, response(500), delivery.dueAtMs!)
      delivery = replayDelivery(delivery, T + replay * DAY)
      expect(delivery).toMatchObject({ status: 'PENDING', attempt: 0, event_id: 'evt_1', dueAtMs: T + replay * DAY })
    }
    expect(delivery.made).toBe(50)
    expect(delivery.attempts).toHaveLength(30)
    expect(delivery.attempts.at(-1)?.number).toBe(50)
    // The late answer of an attempt before the replay does not count for it.
    expect(nextAttempt(delivery, { number: 50, durationMs: 1, result: response(200) }, T, 0)).toBe(delivery)
  })
})
