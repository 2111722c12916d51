// A text is data, not an order.
import * as z from 'zod'
import { allow, definePolicy, deny, quoted } from '../../engine/index.ts'
import { findInjection, textsIn } from './injection.ts'

/** Denies when any string of the payload, at any depth, tries to take the agent over: an instruction override, a role hijack, a system-prompt extraction, a fake system tag, a delimiter attack, a jailbreak phrase. */
export const blockPromptInjection = definePolicy({
  id: 'block_prompt_injection',
  title: 'No prompt injection',
  params: z.strictObject({}),
  reads: z.object({}),
  evaluate({ payload }) {
    for (const [place, text] of textsIn(payload)) {
      const found = findInjection(text)
      if (found !== null)
        return deny(`${quoted(place)} holds ${found.name}: ${quoted(found.words)}`, {
          remedy: 'leave the text out, or quote the part that is meant'
        })
    }
    return allow('no text tries to take the agent over')
  }
})
