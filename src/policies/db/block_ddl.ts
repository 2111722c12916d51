// The shape of the database is changed by migrations, not by agents.
import * as z from 'zod'
import { allow, definePolicy, deny, fold, type Parsers, quoted, readSql } from '../../engine/index.ts'

const ALWAYS: ReadonlySet<string> = new Set(['drop', 'truncate', 'alter', 'grant', 'revoke', 'rename'])
const OBJECTS: ReadonlySet<string> = new Set(
  'table view index schema database role user sequence function procedure trigger type domain extension policy column materialized temporary temp unique or rule aggregate publication subscription tablespace server foreign'.split(
    ' '
  )
)

/** Denies statements that define, change or drop tables, rights or other objects, in `sql` or as the name in `action`. */
export const blockDdl = definePolicy({
  id: 'block_ddl',
  title: 'No changes to the database schema',
  params: z.strictObject({}),
  reads: z.object({ sql: z.string().optional(), action: z.string().optional() }),
  on: ['postgres.*'],
  parses: ['sql'],
  evaluate({ reads: { sql, action }, parsers }) {
    const remedy = 'change the schema with a reviewed migration'
    if (action !== undefined && isDefinition(action, parsers)) return deny(`action ${quoted(action)} changes the schema`, { remedy })
    if (sql === undefined) return allow('there is no SQL')
    const read = readSql(sql, parsers)
    if (!read.ok) return deny(`cannot be judged: ${read.error}`, { remedy: 'write it as plain PostgreSQL' })
    const [definition] = read.tree.definitions
    if (definition !== undefined) return deny(`${definition} changes the schema`, { remedy })
    const [hidden] = read.tree.opaque
    if (hidden !== undefined) return deny(`cannot be judged: ${hidden} hides what it does`, { remedy: 'write the statements out' })
    return allow('no statement changes the schema')
  }
})

/** `DROP`, `drop_table`, `postgres.truncate`, `CREATE TABLE x`; not `create_contact`. */
function isDefinition(action: string, parsers: Parsers): boolean {
  const read = /\s/.test(action.trim()) ? readSql(action, parsers) : null
  if (read?.ok && read.tree.definitions.length > 0) return true
  const [verb = '', object] = fold(action)
    .replace(/^\s*[a-z0-9_-]+\./, '')
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '')
  return ALWAYS.has(verb) || (verb === 'create' && (object === undefined || OBJECTS.has(object)))
}
