// In a code freeze nothing goes out.
import * as z from 'zod'
import { allow, definePolicy, deny, type Json, quoted } from '../../engine/index.ts'

const OFF: ReadonlySet<string> = new Set(['', '0', 'false', 'no', 'off', 'none', 'null'])

/** Denies while the fact `code_freeze` is set: true, a text (the reason), or `{active, reason}`; a form that is not known counts as set. */
export const codeFreezeActive = definePolicy({
  id: 'code_freeze_active',
  title: 'Nothing during a code freeze',
  params: z.strictObject({}),
  reads: z.object({}),
  facts: ['code_freeze'],
  evaluate({ facts: { code_freeze } }) {
    if (!isSet(code_freeze)) return allow('there is no code freeze')
    const why = reasonOf(code_freeze)
    return deny(`a code freeze is active${why === null ? '' : `: ${quoted(why)}`}`, { remedy: 'wait until the freeze is lifted' })
  }
})

function isSet(fact: Json | undefined): boolean {
  if (fact === undefined || fact === null || fact === false || fact === 0) return false
  if (typeof fact === 'string') return !OFF.has(fact.trim().toLowerCase())
  return typeof fact === 'object' && 'active' in fact ? isSet(fact.active) : true
}

function reasonOf(fact: Json | undefined): string | null {
  if (typeof fact === 'string') return /^(1|true|yes|on)$/i.test(fact.trim()) ? null : fact.trim()
  const reason = fact !== null && typeof fact === 'object' && 'reason' in fact ? fact.reason : null
  return typeof reason === 'string' && reason !== '' ? reason : null
}
