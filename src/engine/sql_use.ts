// SQL that a command sends to a database: given as an option, as an argument, by a here-document or a pipe.
import { type CommandLine, optionValues, verbs } from './command_line.ts'
import { readSql, type SqlSummary } from './sql.ts'
import { scanSql } from './sql_scan.ts'
import type { Parsed, Parsers } from './ports.ts'

/** One text of SQL and where it goes. */
export interface SqlUse {
  readonly text: string
  readonly dialect: 'postgres' | 'other'
  readonly by: string
}

interface Client {
  readonly dialect: SqlUse['dialect']
  /** Options whose value is SQL. */
  readonly options: readonly string[]
  /** How many operands stand before one that is SQL; absent where none is. */
  readonly after?: number
  /** Whether it reads SQL from its input. */
  readonly reads?: false
}

const CLIENTS: Readonly<Record<string, Client>> = {
  psql: { dialect: 'postgres', options: ['-c', '--command'] },
  pgcli: { dialect: 'postgres', options: ['-c'] },
  'heroku pg:psql': { dialect: 'postgres', options: ['-c', '--command'] },
  'supabase db': { dialect: 'postgres', options: ['--sql', '-q', '--query'], after: 2 },
  cockroach: { dialect: 'postgres', options: ['-e', '--execute'] },
  usql: { dialect: 'other', options: ['-c', '--command'] },
  mysql: { dialect: 'other', options: ['-e', '--execute'] },
  mariadb: { dialect: 'other', options: ['-e', '--execute'] },
  mycli: { dialect: 'other', options: ['-e', '--execute'] },
  sqlite3: { dialect: 'other', options: ['-cmd'], after: 1 },
  sqlite: { dialect: 'other', options: ['-cmd'], after: 1 },
  litecli: { dialect: 'other', options: ['-e'] },
  duckdb: { dialect: 'other', options: ['-c', '-s', '-cmd'], after: 1 },
  'clickhouse-client': { dialect: 'other', options: ['-q', '--query'] },
  'clickhouse client': { dialect: 'other', options: ['-q', '--query'] },
  sqlcmd: { dialect: 'other', options: ['-Q', '-q'] },
  snowsql: { dialect: 'other', options: ['-q', '--query'] },
  'snow sql': { dialect: 'other', options: ['-q', '--query'] },
  bq: { dialect: 'other', options: [], after: 1 },
  cqlsh: { dialect: 'other', options: ['-e', '--execute'] },
  trino: { dialect: 'other', options: ['--execute'] },
  hive: { dialect: 'other', options: ['-e'] },
  beeline: { dialect: 'other', options: ['-e'] },
  sqlplus: { dialect: 'other', options: [] },
  'wrangler d1': { dialect: 'other', options: ['--command'], reads: false },
  'turso db': { dialect: 'other', options: [], after: 3 },
  'prisma db': { dialect: 'other', options: [] },
  'aws rds-data': { dialect: 'other', options: ['--sql'], reads: false },
  'pscale shell': { dialect: 'other', options: [] }
}

/** The SQL of one command. */
export function sqlUsed(line: CommandLine): readonly SqlUse[] {
  const name = line.program ?? ''
  const called = Object.hasOwn(CLIENTS, name) ? name : `${name} ${line.operands[0] ?? ''}`
  const client = Object.hasOwn(CLIENTS, called) ? CLIENTS[called]! : undefined
  if (client === undefined || (name === 'bq' && !verbs(line, 'query'))) return []
  const texts = [...optionValues(line, ...client.options)]
  if (client.after !== undefined) texts.push(...freeOperands(line, client).slice(client.after))
  if (client.reads !== false) texts.push(...line.command.input)
  const isLiteral = line.command.words.every((word) => word.literal)
  return texts.map((text) => ({ text: isLiteral ? text : withoutUnknown(text), dialect: client.dialect, by: called.trim() }))
}

function freeOperands(line: CommandLine, client: Client): readonly string[] {
  const values = new Set(optionValues(line, ...client.options))
  return line.operands.filter((operand) => !values.has(operand))
}

/** What only the shell will know is taken for a name, so that the rest can be read. */
function withoutUnknown(text: string): string {
  return text.replaceAll(/\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_]\w*/g, 'value_unknown')
}

/** What the SQL would do. `\d` and `.tables` of the clients are left out; `\!` and `.shell` run a shell unseen. */
export function readSqlUse({ text, dialect }: SqlUse, parsers: Parsers): Parsed<SqlSummary> {
  // Within the line: `\s` would run over all the empty ones below, from each of them anew.
  const escaped = /^[^\S\r\n\u2028\u2029]*(?:\\!|\.(?:shell|system)\b)/m.exec(text)
  if (escaped !== null) return { ok: false, error: `${escaped[0].trim()} runs a shell that cannot be seen` }
  const plain = text.replaceAll(/^[^\S\r\n\u2028\u2029]*(?:\\[a-z?][^\n]*|\.[a-z][^\n;]*)$/gim, '')
  // What PostgreSQL takes for a comment, MySQL runs.
  if (dialect === 'other' && plain.includes('/*!')) return { ok: true, tree: scanSql(plain) }
  const parsed = readSql(plain, parsers)
  if (parsed.ok || dialect === 'postgres') return parsed
  return { ok: true, tree: scanSql(plain) }
}
