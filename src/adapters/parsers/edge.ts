// Starts the SQL parser in workerd, where WASM is compiled at deploy time and instantiated synchronously.
import factory from 'libpg-query/wasm/libpg-query.js'
import wasm from 'libpg-query/wasm/libpg-query.wasm'
import type { Parsers } from '../../engine/ports.ts'
import { parsersOver } from './parsers.ts'

const shared = parsersOver(() =>
  factory({
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(wasm, imports)
      done(instance, wasm)
      return instance.exports
    }
  })
)

/** The parsers of this isolate: one instance, started by the first `load`. wrangler.toml must define `__dirname` and `__filename` for the glue code. */
export function edgeParsers(): Parsers {
  return shared
}
