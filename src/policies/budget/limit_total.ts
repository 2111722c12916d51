// So much altogether, and no more, in any window of time: rows deleted, money moved, people written to.
import * as z from 'zod'
import { allow, BudgetPer, BudgetWindow, definePolicy, deny, unitsOf, windowMsOf } from '../../engine/index.ts'
import { amountIn } from './amount.ts'

const Field = z
  .string()
  .regex(/^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$/, 'must be a key of the payload, or a path of keys: `amount`, `data.amount`')

// Either what the payload says, or what the action's output will.
const Params = z
  .strictObject({
    field: z.union([Field, z.array(Field).min(1).max(20)]).optional(),
    output: z
      .string()
      .regex(/^[A-Za-z0-9_]+$/, 'must be a key of the output')
      .optional(),
    at_most: z.int().min(1).max(1_000_000_000).optional(),
    max: z.number().positive(),
    window: BudgetWindow,
    per: BudgetPer.default('key'),
    decimals: z.int().min(0).max(4).default(0)
  })
  .refine(({ field, output }) => (field === undefined) !== (output === undefined), 'takes either `field` or `output`')
  .refine(({ output, at_most }) => output !== undefined || at_most === undefined, '`at_most` goes with `output`')
  .refine(({ output, decimals }) => output === undefined || decimals === 0, '`decimals` goes with `field`')
  .refine(({ max, decimals }) => unitsOf(max, decimals) !== null, '`max` has more decimals than `decimals`')
type Params = z.output<typeof Params>

const fieldsOf = ({ field }: Params): readonly string[] => (field === undefined ? [] : typeof field === 'string' ? [field] : field)

/**
 * Denies what would bring the total over `max` in any `window`, calls in flight included. `field` names keys of the payload: a number counts
 * as itself, a list counts its items, addresses in `to`, `cc` and `bcc` count once each; absence blocks. `output` names a number of the
 * action's output instead: rows that were really deleted.
 */
export const limitTotal = definePolicy({
  id: 'limit_total',
  title: 'A limit to how much in a time',
  params: Params,
  reads: z.object({}),
  evaluate({ payload }, params) {
    if (params.output !== undefined) return allow(`\`${params.output}\` of the output counts`)
    const read = amountIn(payload, fieldsOf(params), params.decimals)
    if ('units' in read) return allow(`${read.units / 10 ** params.decimals} count`)
    if ('wrong' in read) return deny(read.wrong, { code: 'policy_error' })
    return deny(
      `there is no ${fieldsOf(params)
        .map((field) => `\`${field}\``)
        .join(', ')}, by which this is limited`,
      {
        remedy: 'say how much it is'
      }
    )
  },
  budget: {
    terms: (params) => ({
      counts: params.output ?? fieldsOf(params).join(' + '),
      max: params.max,
      windowMs: windowMsOf(params.window),
      per: params.per,
      decimals: params.decimals,
      ...(params.output === undefined ? {} : { output: params.output, atMost: params.at_most ?? null })
    }),
    keys: (params) => [...new Set(fieldsOf(params).map((field) => field.split('.')[0]!))],
    amount(payload, params) {
      if (params.output !== undefined) return null
      const read = amountIn(payload, fieldsOf(params), params.decimals)
      if ('units' in read) return read.units
      throw new Error('what was denied is not counted')
    }
  }
})
