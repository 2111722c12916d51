// The table of statements: which define things, which reach tables they do not name, and which hide what they do.
import type { Json, JsonObject } from './schema.ts'

/** Statements that define nothing. Whatever is not here counts as a definition, so that a statement of a later PostgreSQL is not waved through. */
export const HARMLESS: ReadonlySet<string> = new Set(
  (
    'SelectStmt InsertStmt UpdateStmt DeleteStmt MergeStmt TransactionStmt VariableSetStmt VariableShowStmt ExplainStmt PrepareStmt ExecuteStmt ' +
    'DeallocateStmt DeclareCursorStmt FetchStmt ClosePortalStmt CopyStmt LockStmt NotifyStmt ListenStmt UnlistenStmt DiscardStmt CheckPointStmt ' +
    'VacuumStmt ReindexStmt LoadStmt CallStmt DoStmt ConstraintsSetStmt ReturnStmt PLAssignStmt WaitStmt'
  ).split(' ')
)

interface Definition {
  readonly name?: string | ((body: JsonObject) => string)
  /** What it reaches without naming it, as words. */
  readonly sweeps?: (body: JsonObject) => string | null
}

/** Names that cannot be read off the node's type, and statements that sweep. */
export const DEFINITIONS: Readonly<Record<string, Definition>> = {
  CreateStmt: { name: 'CREATE TABLE' },
  CreateTableAsStmt: { name: (body) => (body.objtype === 'OBJECT_MATVIEW' ? 'CREATE MATERIALIZED VIEW' : 'CREATE TABLE AS') },
  ViewStmt: { name: 'CREATE VIEW' },
  IndexStmt: { name: 'CREATE INDEX' },
  RuleStmt: { name: 'CREATE RULE' },
  DefineStmt: { name: (body) => `CREATE ${objectWords(body.kind)}` },
  CompositeTypeStmt: { name: 'CREATE TYPE' },
  CreateTrigStmt: { name: 'CREATE TRIGGER' },
  CreateEventTrigStmt: { name: 'CREATE EVENT TRIGGER' },
  AlterEventTrigStmt: { name: 'ALTER EVENT TRIGGER' },
  CreateSeqStmt: { name: 'CREATE SEQUENCE' },
  CreatedbStmt: { name: 'CREATE DATABASE' },
  CreatePublicationStmt: { sweeps: (body) => (body.for_all_tables === true ? 'CREATE PUBLICATION … FOR ALL TABLES' : null) },
  TruncateStmt: { name: 'TRUNCATE' },
  RefreshMatViewStmt: { name: 'REFRESH MATERIALIZED VIEW' },
  ClusterStmt: { name: 'CLUSTER' },
  CommentStmt: { name: 'COMMENT' },
  SecLabelStmt: { name: 'SECURITY LABEL' },
  RenameStmt: {
    name: (body) => `ALTER ${objectWords(body.renameType)} … RENAME`,
    sweeps: (body) => (body.renameType === 'OBJECT_SCHEMA' ? 'ALTER SCHEMA … RENAME' : null)
  },
  AlterTableStmt: { name: (body) => `ALTER ${objectWords(body.objtype)}` },
  AlterTableMoveAllStmt: { name: 'ALTER TABLE ALL', sweeps: () => 'ALTER TABLE ALL IN TABLESPACE' },
  DropStmt: {
    name: (body) => `DROP ${objectWords(body.removeType)}`,
    sweeps: (body) => (body.removeType === 'OBJECT_SCHEMA' ? 'DROP SCHEMA' : null)
  },
  DropdbStmt: { name: 'DROP DATABASE', sweeps: () => 'DROP DATABASE' },
  DropOwnedStmt: { sweeps: () => 'DROP OWNED' },
  ReassignOwnedStmt: { sweeps: () => 'REASSIGN OWNED' },
  ImportForeignSchemaStmt: { sweeps: () => 'IMPORT FOREIGN SCHEMA' },
  GrantStmt: {
    name: (body) => (body.is_grant === true ? 'GRANT' : 'REVOKE'),
    sweeps: (body) =>
      body.targtype === 'ACL_TARGET_ALL_IN_SCHEMA' && body.objtype === 'OBJECT_TABLE' ? 'GRANT or REVOKE on all tables of a schema' : null
  },
  GrantRoleStmt: { name: (body) => (body.is_grant === true ? 'GRANT' : 'REVOKE') }
}

/** The statement as its author would call it: `DROP TABLE`, `CREATE ROLE`. */
export function definitionName(type: string, body: JsonObject): string {
  const name = DEFINITIONS[type]?.name
  if (name !== undefined) return typeof name === 'string' ? name : name(body)
  // CreateRoleStmt → CREATE ROLE; AlterDefaultPrivilegesStmt → ALTER DEFAULT PRIVILEGES.
  return type
    .replace(/Stmt$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toUpperCase()
}

function objectWords(objectType: Json | undefined): string {
  const words = String(objectType ?? '')
    .replace(/^OBJECT_/, '')
    .replaceAll('_', ' ')
  return words === 'MATVIEW' ? 'MATERIALIZED VIEW' : words
}

/** Functions that run SQL given as text, or dump what is named in a string; SELECT reaches tables through them unseen. */
const RUNS_TEXT =
  /^(query_to_xml|query_to_xmlschema|query_to_xml_and_xmlschema|(table|schema|database|cursor)_to_xml.*|dblink.*|crosstab.*|connectby|ts_stat|ts_rewrite|xpath_table)$/

/** Words for a node whose effect cannot be seen in the text, or null. */
export function hidesEffect(type: string, body: JsonObject): string | null {
  if (type === 'DoStmt') return 'a DO block'
  if (type === 'CallStmt') return 'CALL'
  if (type === 'LoadStmt') return 'LOAD'
  if (type === 'CopyStmt') return body.is_program === true ? 'COPY … PROGRAM' : null
  if (type === 'CreateFunctionStmt') {
    const options = ((body.options ?? []) as readonly JsonObject[]).map((one) => (one.DefElem as JsonObject).defname)
    return options.includes('as') ? 'a function body in a string' : null
  }
  if (type !== 'FuncCall') return null
  const parts = (body.funcname ?? []) as readonly JsonObject[]
  const name = String(((parts.at(-1)?.String ?? {}) as JsonObject).sval)
  return RUNS_TEXT.test(name) ? `\`${name}\`` : null
}
