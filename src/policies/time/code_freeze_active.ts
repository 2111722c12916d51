// In a code freeze nothing goes out.
import * as z from 'zod'
import { allow, definePolicy, deny, isSwitchedOn, quoted, switchReason } from '../../engine/index.ts'

/** Denies while the fact `code_freeze` is set: true, a text (the reason), or `{active, reason}`; a form that is not known counts as set. */
export const codeFreezeActive = definePolicy({
  id: 'code_freeze_active',
  title: 'Nothing during a code freeze',
  params: z.strictObject({}),
  reads: z.object({}),
  facts: ['code_freeze'],
  evaluate({ facts: { code_freeze } }) {
    if (!isSwitchedOn(code_freeze)) return allow('there is no code freeze')
    const why = switchReason(code_freeze)
    return deny(`a code freeze is active${why === null ? '' : `: ${quoted(why)}`}`, { remedy: 'wait until the freeze is lifted' })
  }
})
