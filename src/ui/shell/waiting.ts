// How many approvals wait for somebody: asked now and then while the page is seen.
import { effect, signal } from '@preact/signals'
import { get } from './api.ts'
import { has, may, session } from './session.ts'

const EVERY_MS = 20_000
const SHOWN_MAX = 200

export const waiting = signal(0)

let timer: ReturnType<typeof setTimeout> | undefined

/** Asks now, and then every 20 s. */
export async function countWaiting(): Promise<void> {
  clearTimeout(timer)
  timer = setTimeout(() => void countWaiting(), EVERY_MS)
  if (document.hidden || !session.value || !has('approvals') || !may('read', 'approve')) return
  try {
    const { data } = await get<{ data: unknown[] }>('/hitl', { status: 'PENDING', limit: SHOWN_MAX })
    waiting.value = data.length
  } catch {
    // The count is a courtesy: the page of approvals says what is wrong.
  }
}

effect(() => {
  if (session.value) void countWaiting()
  else waiting.value = 0
})
