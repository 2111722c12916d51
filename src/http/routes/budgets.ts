// Budgets: what is used of them now.
import * as z from 'zod'
import { budgetsOf, listedBudget, type BudgetPlace } from '../../engine/index.ts'
import { answer } from '../problem.ts'
import { route } from '../route.ts'
import { count, JsonValue, pageOf } from '../schema.ts'

const Cursor = z
  .string()
  .max(2_000)
  .refine((text) => placeOf(text) !== null, 'must be the next_cursor of the page before')
const BudgetListed = z.strictObject({
  budget: z.string(),
  policy: z.string(),
  params: JsonValue,
  /** The actions whose calls it counts; null = requests. */
  on: z.array(z.string()).nullable(),
  mode: z.enum(['enforce', 'shadow']),
  per: z.enum(['key', 'user', 'team']),
  /** The id of the key, the user, or `team`. */
  scope: z.string(),
  used: z.number(),
  in_flight: z.number(),
  max: z.number(),
  window_seconds: z.int(),
  /** When the first of it counts no more. */
  frees_at: z.string()
})

/** `GET /budgets`. */
export const listBudgets = route({
  id: 'listBudgets',
  method: 'GET',
  path: '/budgets',
  access: ['run', 'read'],
  title: 'See what is used of budgets',
  about:
    'Of each `limit_rate` and `limit_total`, by whom they are counted: what counts now, and when the first of it is over. What nobody has used has no line.',
  tag: 'budgets',
  query: z.strictObject({ limit: count(1, 200, 50), cursor: Cursor.optional() }),
  answers: { 200: { title: 'A page of them', schema: pageOf(BudgetListed) } },
  async handle({ host, actor, query: { limit, cursor } }) {
    const budgets = budgetsOf(host.installation(actor.team_id))
    const after = cursor === undefined ? null : placeOf(cursor)
    const found = budgets.size === 0 ? [] : await host.budgets.list(actor.team_id, [...budgets.keys()], after, limit + 1)
    const page = found.slice(0, limit)
    const has_more = found.length > limit
    const data = page.map((use) => {
      const { budget, params, mode } = budgets.get(use.budget)!
      return listedBudget(use, budget, params, mode)
    })
    return answer(200, { data, next_cursor: has_more ? cursorOf(page.at(-1)!) : null, has_more })
  }
})

function cursorOf({ budget, scope }: BudgetPlace): string {
  return JSON.stringify([budget, scope])
}

/** Null where this is no cursor of ours. */
function placeOf(cursor: string): BudgetPlace | null {
  try {
    const parsed = z.tuple([z.string(), z.string()]).safeParse(JSON.parse(cursor))
    return parsed.success ? { budget: parsed.data[0], scope: parsed.data[1] } : null
  } catch {
    return null
  }
}
