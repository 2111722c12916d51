// Whether alternatives leave no row out: `id = 1 OR id <> 1`, `a IS NULL OR a IS NOT NULL`, `n > 0 OR n < 10`.
import { constantOf, hasColumns, operatorOf, textOf } from './sql_value.ts'
import type { Json, JsonObject } from './schema.ts'

/** One alternative: what it is about, and either a comparison with a value or a plain statement and its negation. */
export interface Alternative {
  readonly about: string
  readonly operator: string
  /** The constant compared with, or the text of the other side. */
  readonly value: string | number | boolean | null
}

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '>': '<', '<=': '>=', '>=': '<=', '=': '=', '<>': '<>' }
const NEGATED: Readonly<Record<string, string>> = {
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
  '=': '<>',
  '<>': '=',
  is: 'is not',
  'is not': 'is'
}
const TESTS: Readonly<Record<string, readonly [string, string]>> = {
  IS_NULL: ['null', 'is'],
  IS_NOT_NULL: ['null', 'is not'],
  IS_TRUE: ['true', 'is'],
  IS_NOT_TRUE: ['true', 'is not'],
  IS_FALSE: ['false', 'is'],
  IS_NOT_FALSE: ['false', 'is not'],
  IS_UNKNOWN: ['unknown', 'is'],
  IS_NOT_UNKNOWN: ['unknown', 'is not']
}
const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  AEXPR_BETWEEN: ['between', 'is'],
  AEXPR_NOT_BETWEEN: ['between', 'is not'],
  AEXPR_DISTINCT: ['distinct', 'is'],
  AEXPR_NOT_DISTINCT: ['distinct', 'is not']
}

/** A condition in the form in which alternatives can be compared. */
export function normalise(node: Json): Alternative {
  const body = node as JsonObject
  const not = body.BoolExpr as JsonObject | undefined
  if (not?.boolop === 'NOT_EXPR') {
    const inner = normalise((not.args as readonly Json[])[0]!)
    return { ...inner, operator: NEGATED[inner.operator] ?? inner.operator }
  }
  const test = (body.NullTest ?? body.BooleanTest) as JsonObject | undefined
  if (test !== undefined) {
    const [what, operator] = TESTS[String(test.nulltesttype ?? test.booltesttype ?? 'IS_NULL')] ?? ['?', 'is']
    return { about: textOf(test.arg), operator, value: what }
  }
  const expression = body.A_Expr as JsonObject | undefined
  return expression === undefined ? { about: textOf(node), operator: 'is', value: 'true' } : normaliseComparison(expression)
}

function normaliseComparison(expression: JsonObject): Alternative {
  const { kind, lexpr, rexpr } = expression
  const operator = operatorOf(expression)
  const named = KINDS[String(kind)]
  if (named !== undefined) return { about: textOf(lexpr), operator: named[1], value: `${named[0]} ${textOf(rexpr)}` }
  if (kind === 'AEXPR_OP' && MIRRORED[operator] !== undefined) {
    const swap = !hasColumns(lexpr) || (hasColumns(rexpr) && textOf(lexpr) > textOf(rexpr))
    const [about, other] = swap ? [rexpr, lexpr] : [lexpr, rexpr]
    const constant = constantOf(other)
    return {
      about: textOf(about),
      operator: swap ? MIRRORED[operator]! : operator,
      value: constant === null ? textOf(other) : constant.value
    }
  }
  // LIKE, regular expressions, IN and anything else: only the exact negation of one and the same test is recognised.
  const negative = operator.startsWith('!') || operator === '<>'
  return {
    about: textOf(lexpr),
    operator: negative ? 'is not' : 'is',
    value: `${String(kind)} ${operator.replace(/^!|^<>$|^=$/, '')} ${textOf(rexpr)}`
  }
}

/** Whether every row (NULLs left out of account) satisfies one of the alternatives. */
export function coversEverything(alternatives: readonly Alternative[]): boolean {
  const groups = new Map<string, Alternative[]>()
  for (const one of alternatives) {
    const group = groups.get(one.about)
    if (group === undefined) groups.set(one.about, [one])
    else group.push(one)
  }
  return [...groups.values()].some((group) => group.length > 1 && coversAll(group))
}

function coversAll(group: readonly Alternative[]): boolean {
  const said = new Set(group.map((one) => `${one.operator} ${String(one.value)}`))
  if (group.some((one) => said.has(`${NEGATED[one.operator]} ${String(one.value)}`))) return true
  const unequal = new Set(
    group.filter((one) => one.operator === '<>' && one.value !== null && typeof one.value !== 'string').map((one) => one.value)
  )
  if (unequal.size > 1) return true
  let below = -Infinity
  let above = Infinity
  for (const { operator, value } of group) {
    if (typeof value !== 'number') continue
    if (operator === '<' || operator === '<=') below = Math.max(below, value)
    if (operator === '>' || operator === '>=') above = Math.min(above, value)
  }
  // Equal bounds with one of them inclusive are each other's negation or overlap in the value itself.
  const inclusive = group.some(({ operator, value }) => (operator === '<=' && value === below) || (operator === '>=' && value === above))
  if (above < below || (above === below && inclusive)) return true
  return [...unequal].some((value) => typeof value === 'number' && (value < below || value > above))
}
