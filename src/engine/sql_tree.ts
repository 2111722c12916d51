// One walk over a parse tree, with the scopes of its CTEs: gathers tables, row changes, definitions and what hides its effect.
import { DEFINITIONS, HARMLESS, definitionName, hidesEffect } from './sql_statements.ts'
import type { TableName } from './sql_names.ts'
import type { SqlTree } from './ports.ts'
import type { Json, JsonObject } from './schema.ts'

/** A change of rows before its condition is judged; `where` is undefined where there is none. */
export interface FoundChange {
  readonly kind: 'DELETE' | 'UPDATE' | 'TRUNCATE'
  readonly table: string
  /** What its columns are called by in the statement: the alias, or the table's own name. */
  readonly alias: string
  readonly where: Json | undefined | 'always'
}

export interface Finding {
  readonly tables: TableName[]
  readonly changes: FoundChange[]
  readonly definitions: string[]
  readonly sweeping: string[]
  readonly opaque: string[]
}

/** Deeper trees are refused before recursion could exhaust the stack. */
const DEPTH_MAX = 1_000

interface Walk {
  readonly found: Finding
  readonly seen: Set<string>
  /** Names of statements prepared by this text. */
  readonly prepared: Set<string>
  /** False inside an EXPLAIN that does not execute: its tables count, its effects do not. */
  executes: boolean
  tooDeep: boolean
}

/** Everything that a tree would do, or null when it is nested too deeply to follow. */
export function collect(tree: SqlTree): Finding | null {
  const found: Finding = { tables: [], changes: [], definitions: [], sweeping: [], opaque: [] }
  const walk: Walk = { found, seen: new Set(), prepared: new Set(), executes: true, tooDeep: false }
  for (const { stmt } of tree.stmts) visit(null, stmt, walk, NO_NAMES, 0)
  return walk.tooDeep ? null : found
}

const NO_NAMES: ReadonlySet<string> = new Set()

function visit(type: string | null, node: Json, walk: Walk, scope: ReadonlySet<string>, depth: number): void {
  if (node === null || typeof node !== 'object') return
  if (depth > DEPTH_MAX) {
    walk.tooDeep = true
    return
  }
  if (Array.isArray(node)) {
    for (const item of node) visit(null, item, walk, scope, depth + 1)
    return
  }
  const body = node as JsonObject
  if (typeof body.relname === 'string') {
    if (typeof body.schemaname === 'string' || !scope.has(body.relname)) addTable(walk, body.schemaname, body.relname)
    return
  }
  const executed = walk.executes
  if (type !== null) note(type, body, walk)
  // The first leg of a UNION has no wrapper, and may hold the INTO.
  if (body.intoClause !== undefined && walk.executes) walk.found.definitions.push('SELECT INTO')
  const inner = body.withClause === undefined ? scope : visitCtes(body.withClause as JsonObject, walk, scope, depth)
  for (const key in body) {
    // The names in FOR UPDATE OF are aliases; the WITH has been walked already.
    if (key === 'withClause' || key === 'lockedRels') continue
    const child = body[key]!
    if (typeof child !== 'object') continue
    // What INSERT, UPDATE, DELETE and MERGE change is always a table, even where a CTE has the same name.
    const target = key === 'relation' && type !== null && CHANGES_ROWS.has(type)
    visit(isTypeName(key) ? key : null, child, walk, target ? NO_NAMES : inner, depth + 1)
  }
  walk.executes = executed
}

const CHANGES_ROWS = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'])

/** Wrapper keys are type names (`SelectStmt`), fields begin with a small letter. */
function isTypeName(key: string): boolean {
  const first = key.charCodeAt(0)
  return first >= 65 && first <= 90
}

/** Walks the CTEs and gives the scope with their names. Without RECURSIVE, a CTE sees only those before it. */
function visitCtes(clause: JsonObject, walk: Walk, outer: ReadonlySet<string>, depth: number): ReadonlySet<string> {
  const scope = new Set(outer)
  const ctes = ((clause.ctes ?? []) as readonly JsonObject[]).map((one) => one.CommonTableExpr as JsonObject)
  if (clause.recursive === true) for (const cte of ctes) scope.add(String(cte.ctename))
  for (const cte of ctes) {
    visit(null, cte, walk, new Set(scope), depth + 1)
    scope.add(String(cte.ctename))
  }
  return scope
}

function addTable(walk: Walk, schema: Json | undefined, name: string): void {
  const key = `${typeof schema === 'string' ? schema : ''}\0${name}`
  if (walk.seen.has(key)) return
  walk.seen.add(key)
  walk.found.tables.push({ schema: typeof schema === 'string' ? schema : null, name })
}

function note(type: string, body: JsonObject, walk: Walk): void {
  const reader = READERS[type]
  if (reader !== undefined) reader(body, walk)
  if (!walk.executes) return
  const hidden = hidesEffect(type, body)
  if (hidden !== null) walk.found.opaque.push(hidden)
  if (type.endsWith('Stmt') && !HARMLESS.has(type)) walk.found.definitions.push(definitionName(type, body))
  const sweep = DEFINITIONS[type]?.sweeps?.(body)
  if (sweep) walk.found.sweeping.push(sweep)
}

const READERS: Readonly<Record<string, (body: JsonObject, walk: Walk) => void>> = {
  DeleteStmt: (body, walk) => addChange(walk, 'DELETE', body.relation, body.whereClause),
  UpdateStmt: (body, walk) => addChange(walk, 'UPDATE', body.relation, body.whereClause),
  MergeStmt: (body, walk) => {
    for (const one of (body.mergeWhenClauses ?? []) as readonly JsonObject[]) addMerge(walk, body, one.MergeWhenClause as JsonObject)
  },
  TruncateStmt: (body, walk) => {
    for (const one of (body.relations ?? []) as readonly JsonObject[]) addChange(walk, 'TRUNCATE', one.RangeVar, 'always')
  },
  ExplainStmt: (body, walk) => {
    const options = ((body.options ?? []) as readonly JsonObject[])
      .map((one) => one.DefElem as JsonObject)
      .filter((one) => one.defname === 'analyze')
    const last = options.at(-1)
    walk.executes = walk.executes && last !== undefined && !isOff(last.arg)
  },
  PrepareStmt: (body, walk) => void walk.prepared.add(String(body.name)),
  ExecuteStmt: (body, walk) => {
    if (!walk.prepared.has(String(body.name)))
      walk.found.opaque.push(`EXECUTE of \`${String(body.name)}\`, which this text does not prepare,`)
  },
  DropStmt: (body, walk) => {
    for (const object of (body.objects ?? []) as readonly JsonObject[]) addObject(walk, String(body.removeType), object)
  },
  CommentStmt: (body, walk) => addObject(walk, String(body.objtype), body.object),
  SecLabelStmt: (body, walk) => addObject(walk, String(body.objtype), body.object)
}

function addChange(walk: Walk, kind: FoundChange['kind'], relation: Json | undefined, where: FoundChange['where']): void {
  const { relname, alias } = (relation ?? {}) as JsonObject
  const name = (alias as JsonObject | undefined)?.aliasname ?? relname
  if (walk.executes) walk.found.changes.push({ kind, table: String(relname), alias: String(name), where })
}

/** A MERGE changes the rows that its join keeps and its WHEN's own condition keeps: either may be the filter. */
function addMerge(walk: Walk, merge: JsonObject, when: JsonObject): void {
  const kind = when.commandType === 'CMD_DELETE' ? 'DELETE' : when.commandType === 'CMD_UPDATE' ? 'UPDATE' : null
  if (kind === null) return
  const conditions = [when.matchKind === 'MERGE_WHEN_MATCHED' ? merge.joinCondition : undefined, when.condition].filter(
    (one) => one !== undefined
  )
  addChange(walk, kind, merge.relation, conditions.length === 0 ? undefined : { BoolExpr: { boolop: 'AND_EXPR', args: conditions } })
}

/** EXPLAIN (ANALYZE off), (ANALYZE 0), (ANALYZE false). */
function isOff(arg: Json | undefined): boolean {
  const { Integer, String: text } = (arg ?? {}) as { Integer?: JsonObject; String?: JsonObject }
  if (Integer !== undefined) return (Integer.ival ?? 0) === 0
  return typeof text?.sval === 'string' && ['false', 'off'].includes(text.sval.toLowerCase())
}

/** Tables that DROP, COMMENT and SECURITY LABEL name as a list of words; a trigger's, rule's, policy's or column's last word is its own. */
function addObject(walk: Walk, objectType: string, object: Json | undefined): void {
  const items = (((object as JsonObject | undefined)?.List ?? {}) as JsonObject).items as readonly JsonObject[] | undefined
  const names = (items ?? []).map((item) => String(((item.String ?? {}) as JsonObject).sval))
  const path = ['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY', 'OBJECT_COLUMN', 'OBJECT_TABCONSTRAINT'].includes(objectType)
    ? names.slice(0, -1)
    : names
  if (path.length > 0) addTable(walk, path.at(-2), path.at(-1)!)
}
