// The parsers port, the same for every host but for how PostgreSQL's WASM module is started.
import type { Parsers } from '../../engine/ports.ts'
import { parseShell } from './shell.ts'
import { type PgModule, sqlParser } from './sql.ts'
import { parseUrl } from './url.ts'

/** Real, bounded parsers that never throw. */
export function parsersOver(start: () => Promise<PgModule>): Parsers {
  const sql = sqlParser(start)
  return {
    load: (names) => (names.includes('sql') ? sql.load() : undefined),
    sql: sql.parse,
    shell: parseShell,
    url: parseUrl
  }
}
