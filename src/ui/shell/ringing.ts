// How many alerts are open that somebody should look at: what is only told for information is not counted.
import { get } from './api.ts'
import { polled } from './polled.ts'
import { has, may } from './session.ts'

const SHOWN_MAX = 100

const open = async (severity: string) =>
  (await get<{ data: unknown[] }>('/alerts', { status: 'OPEN', severity, limit: SHOWN_MAX })).data.length

export const { count: ringing, recount: countRinging } = polled(
  () => has('alerts') && may('read'),
  async () => (await open('critical')) + (await open('warning'))
)
