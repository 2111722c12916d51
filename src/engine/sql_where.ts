// Which rows a condition keeps, read from PostgreSQL's parse tree: enough to tell a filter from `1=1` in its many spellings.
import { columnOf, constantOf, decide, hasColumns, hasNull, operatorOf, patternMatchesAll, sameValue } from './sql_value.ts'
import { coversEverything, normalise } from './sql_cover.ts'
import type { Json, JsonObject } from './schema.ts'

/**
 * `all` = true for every row; `none` = true for no row; `some` = depends on the row;
 * `fixed` = the same for every row, not known which: all rows or none. NULLs are left out of account: `id = id` is `all`.
 */
export type Reach = 'all' | 'none' | 'some' | 'fixed'

const OPPOSITE: Readonly<Record<Reach, Reach>> = { all: 'none', none: 'all', some: 'some', fixed: 'fixed' }

/** The reach of a condition over a table; `table` is what rows are taken from, so that `id IN (SELECT id FROM <table>)` is seen through. */
export function reachOf(node: Json | undefined, table: string | null): Reach {
  const type = typeOf(node)
  const read = type === null ? undefined : CONDITIONS[type]
  if (node === undefined || type === null) return 'fixed'
  const body = (node as JsonObject)[type] as JsonObject
  return read === undefined ? (hasColumns(node) ? 'some' : 'fixed') : read(body, table, node)
}

type Read = (body: JsonObject, table: string | null, node: Json) => Reach

const CONDITIONS: Readonly<Record<string, Read>> = {
  A_Const: (_body, _table, node) => reachOfConstant(node),
  TypeCast: (body, table) => {
    // Only a literal cast to a truth value is told here: `'f'::"char"::int::bool` is true.
    if (castName(body) !== 'bool') return hasColumns(body.arg) ? 'some' : 'fixed'
    return reachOf(body.arg, table)
  },
  BoolExpr: (body, table) => reachOfBoolean(String(body.boolop), body.args as readonly Json[], table),
  A_Expr: (body, _table, node) => reachOfComparison(body, node),
  NullTest: (body) => reachOfNullTest(body),
  BooleanTest: (body, table) => {
    const test = String(body.booltesttype ?? 'IS_TRUE')
    const reach = reachOf(body.arg, table)
    // What is never true may be NULL on every row, and NULL is neither true nor false.
    if (test.endsWith('UNKNOWN') || (test === 'IS_NOT_FALSE' && reach === 'none')) return reach === 'some' ? 'some' : 'fixed'
    return test === 'IS_TRUE' || test === 'IS_NOT_FALSE' ? reach : OPPOSITE[reach]
  },
  CoalesceExpr: (body, table) => {
    const reaches = (body.args as readonly Json[]).map((one) => reachOf(one, table))
    return reaches.find((reach) => reach !== 'none') ?? 'none'
  },
  CaseExpr: (body, table) => reachOfCase(body, table),
  SubLink: (body, table) => reachOfSubselect(body, table),
  CurrentOfExpr: () => 'some',
  ColumnRef: () => 'some'
}

/** Columns that PostgreSQL itself fills on every row. */
const SYSTEM_COLUMNS: ReadonlySet<string> = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])

function reachOfNullTest({ arg, nulltesttype }: JsonObject): Reach {
  const isNull = nulltesttype !== 'IS_NOT_NULL'
  const column = columnOf(arg)?.at(-1)
  if (column !== undefined) return SYSTEM_COLUMNS.has(column) ? (isNull ? 'none' : 'all') : 'some'
  const constant = constantOf(arg)
  if (constant !== null) return (constant.value === null) === isNull ? 'all' : 'none'
  // `(id = NULL) IS NULL` is true on every row.
  return hasColumns(arg) && !hasNull(arg) ? 'some' : 'fixed'
}

function castName(cast: JsonObject): string {
  const names = ((cast.typeName as JsonObject | undefined)?.names ?? []) as readonly JsonObject[]
  return String(((names.at(-1)?.String ?? {}) as JsonObject).sval)
}

function reachOfConstant(node: Json): Reach {
  const constant = constantOf(node)
  if (constant === null) return 'fixed'
  const { value } = constant
  if (typeof value === 'string') {
    const word = value.trim().toLowerCase()
    // PostgreSQL's parse_bool: any unique beginning of these words.
    return word !== '' && ['false', 'no', 'off', '0'].some((no) => no.startsWith(word)) ? 'none' : 'all'
  }
  return value === null || value === false || value === 0 ? 'none' : 'all'
}

function reachOfBoolean(operator: string, args: readonly Json[], table: string | null): Reach {
  if (operator === 'NOT_EXPR') return OPPOSITE[reachOf(args[0], table)]
  const parts = flatten(operator, args)
  const reaches = parts.map((part) => reachOf(part, table))
  const [weak, strong]: [Reach, Reach] = operator === 'AND_EXPR' ? ['all', 'none'] : ['none', 'all']
  if (reaches.includes(strong)) return strong
  const open = parts.filter((_, index) => reaches[index] === 'some').map(normalise)
  if (operator === 'OR_EXPR' && open.length > 1 && coversEverything(open)) return 'all'
  // `id = 5 OR random() > 0.5` may be all rows whatever `id` is; `id = 5 AND random() > 0.5` never is.
  if (reaches.includes('fixed') && (operator === 'OR_EXPR' || open.length === 0)) return 'fixed'
  return open.length > 0 ? 'some' : weak
}

/** `(a OR b) OR c` as three parts. */
function flatten(operator: string, args: readonly Json[]): Json[] {
  const parts: Json[] = []
  const rest = [...args].reverse()
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    const inner = (part as JsonObject).BoolExpr as JsonObject | undefined
    if (inner?.boolop === operator) rest.push(...[...(inner.args as readonly Json[])].reverse())
    else parts.push(part)
  }
  return parts
}

/** The branches that may be taken, up to one that surely is. */
function reachOfCase(body: JsonObject, table: string | null): Reach {
  const taken: Reach[] = []
  for (const one of (body.args ?? []) as readonly JsonObject[]) {
    const { expr, result } = one.CaseWhen as JsonObject
    const when = body.arg === undefined ? reachOf(expr, table) : 'some'
    if (when !== 'none') taken.push(reachOf(result, table))
    if (when === 'all') return together(taken)
  }
  return together([...taken, body.defresult === undefined ? 'none' : reachOf(body.defresult, table)])
}

function together(reaches: readonly Reach[]): Reach {
  return reaches.every((reach) => reach === reaches[0]) ? reaches[0]! : 'some'
}

function reachOfComparison(body: JsonObject, node: Json): Reach {
  const { kind, lexpr, rexpr } = body
  if (!hasColumns(node)) return decide(body)
  // Comparing with NULL gives NULL, whatever the row.
  if (kind === 'AEXPR_OP' && (constantOf(lexpr)?.value === null || constantOf(rexpr)?.value === null)) return 'none'
  const operator = operatorOf(body)
  const items = listOf(rexpr)
  if (kind === 'AEXPR_IN' && operator === '=') return items.some((item) => sameValue(lexpr, item)) ? 'all' : 'some'
  if (kind === 'AEXPR_OP_ANY' && operator === '=') return items.some((item) => sameValue(lexpr, item)) ? 'all' : 'some'
  if (kind === 'AEXPR_BETWEEN') return items.length === 2 && items.every((item) => sameValue(lexpr, item)) ? 'all' : 'some'
  const pattern = patternMatchesAll(body)
  if (pattern !== null) return pattern ? 'all' : 'none'
  if (!sameValue(lexpr, rexpr)) return 'some'
  if (kind === 'AEXPR_NOT_DISTINCT') return 'all'
  if (kind === 'AEXPR_DISTINCT') return 'none'
  if (kind === 'AEXPR_OP' || kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE') {
    if (['=', '<=', '>=', '~~', '~~*'].includes(operator)) return 'all'
    if (['<>', '<', '>', '!~~', '!~~*'].includes(operator)) return 'none'
  }
  return 'some'
}

function reachOfSubselect(body: JsonObject, table: string | null): Reach {
  const select = ((body.subselect as JsonObject | undefined)?.SelectStmt ?? {}) as JsonObject
  const where = select.whereClause
  const plain =
    select.op === 'SETOP_NONE' && select.limitCount === undefined && select.limitOffset === undefined && select.havingClause === undefined
  if (body.subLinkType === 'EXISTS_SUBLINK') {
    if (!plain || select.valuesLists !== undefined) return 'fixed'
    const kept = where === undefined ? 'all' : reachOf(where, table)
    if (kept === 'some' || kept === 'none' || select.fromClause === undefined) return kept
    return hasColumns(select.fromClause) ? 'some' : 'fixed'
  }
  if (body.subLinkType === 'ANY_SUBLINK' && plain && table !== null && isWholeColumn(body.testexpr, select, table)) return 'all'
  return body.testexpr !== undefined || hasColumns(body.subselect) ? 'some' : 'fixed'
}

/** `id IN (SELECT id FROM t)` over `t` itself, and `id IN (SELECT t.id)`, keep every row. */
function isWholeColumn(left: Json | undefined, select: JsonObject, table: string): boolean {
  const from = (select.fromClause ?? []) as readonly JsonObject[]
  const targets = (select.targetList ?? []) as readonly JsonObject[]
  const range = from[0]?.RangeVar as JsonObject | undefined
  if (targets.length !== 1 || from.length > 1 || (from.length === 1 && range?.relname !== table)) return false
  if (select.whereClause !== undefined && reachOf(select.whereClause, table) !== 'all') return false
  return sameValue(left, ((targets[0]?.ResTarget ?? {}) as JsonObject).val)
}

function listOf(node: Json | undefined): readonly Json[] {
  const list = (node as JsonObject | undefined) ?? {}
  const items = (list.List as JsonObject | undefined)?.items ?? (list.A_ArrayExpr as JsonObject | undefined)?.elements
  return (items ?? []) as readonly Json[]
}

function typeOf(node: Json | undefined): string | null {
  return node !== null && typeof node === 'object' && !Array.isArray(node) ? (Object.keys(node)[0] ?? null) : null
}
