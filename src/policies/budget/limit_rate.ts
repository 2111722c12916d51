// So many, and no more, in any window of time.
import * as z from 'zod'
import { allow, BudgetPer, BudgetWindow, definePolicy, windowMsOf } from '../../engine/index.ts'

/**
 * Denies what would be more than `max` requests, or calls of the actions that it is bound to, in any `window`, calls in flight included,
 * however many run at once. What failed or had nothing to do is given back.
 */
export const limitRate = definePolicy({
  id: 'limit_rate',
  title: 'A limit to how many in a time',
  params: z.strictObject({ max: z.int().min(1).max(1_000_000), window: BudgetWindow, per: BudgetPer.default('key') }),
  reads: z.object({}),
  evaluate: () => allow('it counts once'),
  budget: {
    terms: ({ max, window, per }) => ({ counts: 'calls', max, windowMs: windowMsOf(window), per }),
    keys: () => [],
    amount: () => 1
  }
})
