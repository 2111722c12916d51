// How many approvals wait for somebody.
import { get } from './api.ts'
import { polled } from './polled.ts'
import { has, may } from './session.ts'

const SHOWN_MAX = 200

export const { count: waiting, recount: countWaiting } = polled(
  () => has('approvals') && may('read', 'approve'),
  async () => (await get<{ data: unknown[] }>('/hitl', { status: 'PENDING', limit: SHOWN_MAX })).data.length
)
