// Until when a rule is muted.

export const MUTES = [
  { id: '1h', title: '1 hour', ms: 3_600_000 },
  { id: '8h', title: '8 hours', ms: 8 * 3_600_000 },
  { id: '7d', title: 'A week', ms: 7 * 86_400_000 },
  { id: 'until', title: 'Until…', ms: null }
] as const

export type MuteId = (typeof MUTES)[number]['id']

/** `typed` is the local time that a `datetime-local` field has. */
export function muteUntil(id: MuteId, typed: string, now: number): { readonly at: string } | { readonly wrong: string } {
  const ms = MUTES.find((one) => one.id === id)?.ms ?? null
  const at = ms === null ? Date.parse(typed) : now + ms
  if (Number.isNaN(at)) return { wrong: 'say a day and a time' }
  return at <= now ? { wrong: 'is over already' } : { at: new Date(at).toISOString() }
}

/** Whether a rule is muted now. */
export function isMuted(mutedUntil: string | null, now: number): boolean {
  return mutedUntil !== null && Date.parse(mutedUntil) > now
}
