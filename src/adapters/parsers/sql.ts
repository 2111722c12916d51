// PostgreSQL's own parser behind a guard and a small cache: the same for every host, which only has to start the WASM module.
import type { Parsed, SqlTree } from '../../engine/ports.ts'
import { sqlDanger } from './sql_guard.ts'

/** What of libpg-query's WASM module is used. */
export interface PgModule {
  _malloc(bytes: number): number
  _free(pointer: number): void
  _wasm_parse_query_raw(text: number): number
  _wasm_free_parse_result(result: number): void
  getValue(pointer: number, type: 'i32'): number
  UTF8ToString(pointer: number): string
  stringToUTF8(text: string, pointer: number, bytesMax: number): void
}

/** PostgreSQL quotes the token that it stumbled over, which may be most of the text. */
const ERROR_LENGTH_MAX = 200

/** Together the cached texts are no longer than this: trees take about a hundred times their text. */
const CACHED_CHARACTERS_MAX = 65_536

/** A bounded parser that never throws. `load` never rejects: where the module cannot start, every text is refused with that as the reason. */
export interface SqlParser {
  load(): Promise<void> | undefined
  parse(text: string): Parsed<SqlTree>
}

/** Makes the parser over a host's way to start the module. */
export function sqlParser(start: () => Promise<PgModule>): SqlParser {
  let module: PgModule | null = null
  let loading: Promise<void> | null = null
  const cache = new Map<string, Parsed<SqlTree>>()
  let cached = 0
  const remember = (text: string, parsed: Parsed<SqlTree>) => {
    cache.set(text, parsed)
    cached += text.length
    for (const oldest of cache.keys()) {
      if (cached <= CACHED_CHARACTERS_MAX) break
      cache.delete(oldest)
      cached -= oldest.length
    }
  }
  const load = (): Promise<void> | undefined => {
    if (module !== null) return undefined
    loading ??= start().then(
      (started) => void ((module = started), (loading = null)),
      () => void (loading = null)
    )
    return loading
  }
  return {
    load,
    parse(text) {
      const known = cache.get(text)
      if (known !== undefined) return known
      const danger = sqlDanger(text)
      if (danger !== null) return { ok: false, error: danger }
      if (module === null) return { ok: false, error: 'the SQL parser is not loaded' }
      try {
        const parsed = parseWith(module, text)
        remember(text, parsed)
        return parsed
      } catch {
        // A trap (stack or memory exhausted) leaves the instance's own stack torn: it must never parse again.
        module = null
        void load()
        const refused: Parsed<SqlTree> = { ok: false, error: 'it is too complex to parse' }
        remember(text, refused)
        return refused
      }
    }
  }
}

/** One call into the module, everything it allocated freed again. Layouts are those of libpg_query's PgQueryParseResult and PgQueryError. */
function parseWith(module: PgModule, text: string): Parsed<SqlTree> {
  const bytes = text.length * 3 + 1
  const query = module._malloc(bytes)
  module.stringToUTF8(text, query, bytes)
  const result = module._wasm_parse_query_raw(query)
  const tree = module.getValue(result, 'i32')
  const error = module.getValue(result + 8, 'i32')
  const parsed: Parsed<SqlTree> =
    error !== 0
      ? { ok: false, error: module.UTF8ToString(module.getValue(error, 'i32')).slice(0, ERROR_LENGTH_MAX) }
      : { ok: true, tree: treeOf(JSON.parse(module.UTF8ToString(tree)) as { stmts?: SqlTree['stmts'] }) }
  module._wasm_free_parse_result(result)
  module._free(query)
  return parsed
}

/** A text of nothing but comments has no `stmts`; an empty statement (`;;`) has no `stmt`. */
function treeOf(json: { stmts?: SqlTree['stmts'] }): SqlTree {
  return { stmts: (json.stmts ?? []).filter((one) => one.stmt !== undefined) }
}
