// Which rows: a closed set of comparisons, never SQL text.
import * as z from 'zod'
import type { Json } from '../../engine/schema.ts'
import { columnOf, type Table } from './catalogue.ts'
import { quote } from './name.ts'
import type { Bound } from './session.ts'
import { bindable } from './value.ts'

const Scalar = z.union([z.string(), z.number(), z.boolean()])

/** `{gte: 1, lt: 5}`: all of them must hold. */
export const Comparison = z
  .strictObject({
    eq: z.json(),
    ne: z.json(),
    lt: Scalar,
    lte: Scalar,
    gt: Scalar,
    gte: Scalar,
    in: z.array(Scalar).max(1000),
    like: z.string(),
    is_null: z.boolean()
  })
  .partial()
  .refine((ops) => Object.keys(ops).length > 0, 'names no comparison')
type Comparison = z.infer<typeof Comparison>

/** column → value (null means IS NULL), or column → comparison; all must hold. */
export const Where = z
  .record(z.string().min(1), z.union([Scalar, z.null(), Comparison]))
  .refine((where) => Object.keys(where).length <= 50, 'has more than 50 columns')
export type Where = z.infer<typeof Where>

/** As `Where`, for changes. One that names no column is let in, so that policies judge it and a receipt tells of it; `lockWhere` never acts on it. */
export const ChangeWhere = Where.default({})

const SYMBOLS = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const

/** The condition in SQL over the table aliased `t`; its values are appended to `values`. */
export function whereSql(table: Table, where: Where, values: Bound[]): string {
  const conditions = Object.entries(where).flatMap(([name, wanted]) => {
    const ops: Comparison = typeof wanted === 'object' && wanted !== null ? wanted : { eq: wanted }
    return Object.entries(ops).map(([op, value]) => condition(table, name, op as keyof Comparison, value as Json, values))
  })
  return conditions.length === 0 ? 'true' : conditions.join(' AND ')
}

function condition(table: Table, name: string, op: keyof Comparison, value: Json, values: Bound[]): string {
  const column = columnOf(table, name)
  const cell = `t.${quote(name)}`
  const nullTest = (isNull: boolean) => `${cell} IS ${isNull ? '' : 'NOT '}NULL`
  const bind = (item: Json) => `$${values.push(bindable(column, item))}`
  if (op === 'is_null') return nullTest(value === true)
  if (op === 'like') return `${cell}::text LIKE $${values.push(value as string)}`
  if (op === 'in') return (value as Json[]).length === 0 ? 'false' : `${cell} IN (${(value as Json[]).map(bind).join(', ')})`
  if (value === null) return nullTest(op === 'eq')
  return `${cell} ${SYMBOLS[op]} ${bind(value)}`
}

/** The columns compared for equality, with their values: what is known of the rows without asking. */
export function equalities(where: Where): Record<string, Json> {
  const known = Object.entries(where).flatMap(([name, wanted]) => {
    const value = typeof wanted === 'object' && wanted !== null ? wanted.eq : wanted
    return value === undefined || value === null ? [] : [[name, value] as const]
  })
  return Object.fromEntries(known)
}
