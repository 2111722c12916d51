// Values inside a condition: constants, columns, and whether two of them are the same.
import type { Json, JsonObject } from './schema.ts'
import type { Reach } from './sql_where.ts'

/** A literal's value; the box tells a NULL literal from no literal at all. */
export interface Constant {
  readonly value: string | number | boolean | null
}

/** The literal that this expression is, through casts, or null. */
export function constantOf(node: Json | undefined): Constant | null {
  let at = node as JsonObject | undefined
  while (at?.TypeCast !== undefined) at = (at.TypeCast as JsonObject).arg as JsonObject | undefined
  const literal = at?.A_Const as JsonObject | undefined
  if (literal === undefined) return null
  if (literal.isnull === true) return { value: null }
  // protobuf leaves out zero values: 0 is `{ival: {}}`, false is `{boolval: {}}`.
  if (literal.ival !== undefined) return { value: Number((literal.ival as JsonObject).ival ?? 0) }
  if (literal.boolval !== undefined) return { value: (literal.boolval as JsonObject).boolval === true }
  if (literal.fval !== undefined) return { value: Number((literal.fval as JsonObject).fval ?? 0) }
  return { value: String((literal.sval as JsonObject | undefined)?.sval ?? (literal.bsval as JsonObject | undefined)?.bsval ?? '') }
}

/** Whether a column is named anywhere below: without one, a condition is the same for every row. */
export function hasColumns(node: Json | undefined): boolean {
  return has(node, (at) => 'CurrentOfExpr' in at || ('ColumnRef' in at && !isStar(at.ColumnRef as JsonObject)))
}

/** Whether a NULL is written anywhere below. */
export function hasNull(node: Json | undefined): boolean {
  return has(node, (at) => (at.A_Const as JsonObject | undefined)?.isnull === true)
}

/** Whether a condition looks at the rows of this table (by its name in the statement) at all; a column without a table counts as its own. */
export function looksAt(node: Json | undefined, table: string): boolean {
  return has(node, (at) => {
    const column = columnOf(at)
    return 'CurrentOfExpr' in at || (column !== null && (column.length === 1 || column.at(-2) === table))
  })
}

function has(node: Json | undefined, is: (at: JsonObject) => boolean): boolean {
  const rest: Json[] = node === undefined ? [] : [node]
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    if (at === null || typeof at !== 'object') continue
    if (!Array.isArray(at) && is(at as JsonObject)) return true
    for (const child of Object.values(at)) if (child !== null && typeof child === 'object') rest.push(child)
  }
  return false
}

/** `*` alone names no column's value: `(SELECT count(*) …)`, `EXISTS (SELECT * …)`. */
function isStar(column: JsonObject): boolean {
  const fields = column.fields as readonly JsonObject[]
  return fields.length === 1 && fields[0]!.A_Star !== undefined
}

/** The operator's own name, without a schema: `=` of `OPERATOR(pg_catalog.=)`. */
export function operatorOf(body: JsonObject): string {
  const names = (body.name ?? []) as readonly JsonObject[]
  const name = ((names.at(-1)?.String ?? {}) as JsonObject).sval
  return name === '!=' ? '<>' : String(name ?? '')
}

/** What a comparison of constants gives; `fixed` where that would take a database to tell. */
export function decide(body: JsonObject): Reach {
  const left = constantOf(body.lexpr)
  const right = constantOf(body.rexpr)
  if (body.kind !== 'AEXPR_OP' || left === null || right === null) return 'fixed'
  if (left.value === null || right.value === null) return 'none'
  // A type may call unlike texts equal ('1'::int and '01'::int, 2::bool and 1::bool): with a cast, only sameness tells.
  const cast = isCast(body.lexpr) || isCast(body.rexpr)
  if (cast && !(left.value === right.value && ['=', '<=', '>='].includes(operatorOf(body)))) return 'fixed'
  const order = compare(left.value, right.value)
  const holds = order === null ? null : holdsFor(operatorOf(body), order)
  return holds === null ? 'fixed' : holds ? 'all' : 'none'
}

function isCast(node: Json | undefined): boolean {
  return (node as JsonObject | undefined)?.TypeCast !== undefined
}

/** -1, 0, 1; numbers by value, texts only as equal or not (2 = not equal): their order depends on a collation. */
function compare(left: string | number | boolean, right: string | number | boolean): number | null {
  const [a, b] = [Number(left), Number(right)]
  const numeric = typeof left === 'number' || typeof right === 'number'
  if (numeric) return Number.isNaN(a) || Number.isNaN(b) ? null : Math.sign(a - b)
  if (typeof left === typeof right) return left === right ? 0 : 2
  return null
}

function holdsFor(operator: string, order: number): boolean | null {
  if (operator === '=') return order === 0
  if (operator === '<>') return order !== 0
  if (order === 2) return null
  if (operator === '<') return order < 0
  if (operator === '>') return order > 0
  if (operator === '<=') return order <= 0
  if (operator === '>=') return order >= 0
  return null
}

/** True for `LIKE '%'`, `~ '.*'` and `~ ''`; false for their negations; null for any other pattern or operator. */
export function patternMatchesAll(body: JsonObject): boolean | null {
  const operator = operatorOf(body)
  const pattern = constantOf(body.rexpr)?.value
  if (typeof pattern !== 'string') return null
  const matchesAll = operator.includes('~~') ? /^%+$/.test(pattern) : operator.includes('~') && /^\^?(\.\*)*\$?$/.test(pattern)
  return matchesAll ? !operator.startsWith('!') : null
}

/** Whether two expressions have the same value on every row: the same text, or one column with and without its table's name. */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (left === undefined || right === undefined) return false
  const a = columnOf(left)
  const b = columnOf(right)
  if (a !== null && b !== null) {
    if (a.at(-1) !== b.at(-1)) return false
    return a.length === 1 || b.length === 1 || a.at(-2) === b.at(-2)
  }
  return a === null && b === null && hasColumns(left) && textOf(left) === textOf(right)
}

/** The names of a column reference, outermost first; null for anything else. */
export function columnOf(node: Json | undefined): readonly string[] | null {
  const column = (node as JsonObject | null | undefined)?.ColumnRef as JsonObject | undefined
  if (column === undefined) return null
  return (column.fields as readonly JsonObject[]).map((field) => String(((field.String ?? {}) as JsonObject).sval ?? '*'))
}

/** An expression as text that is equal exactly for equal expressions, wherever they stand in the statement. */
export function textOf(node: Json | undefined): string {
  return JSON.stringify(node, (key, value: unknown) =>
    key === 'location' || key.startsWith('rexpr_list_') || key.startsWith('list_') ? undefined : value
  )
}
