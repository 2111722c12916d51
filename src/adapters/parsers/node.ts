// Starts the SQL parser in Node: the WASM file is read from the package.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import factory from 'libpg-query/wasm/libpg-query.js'
import type { Parsers } from '../../engine/ports.ts'
import { parsersOver } from './parsers.ts'

let compiled: Promise<WebAssembly.Module> | null = null

const shared = parsersOver(async () => {
  compiled ??= readFile(fileURLToPath(import.meta.resolve('libpg-query/wasm/libpg-query.wasm'))).then((bytes) => WebAssembly.compile(bytes))
  const wasm = await compiled
  return factory({
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(wasm, imports)
      done(instance, wasm)
      return instance.exports
    }
  })
})

/** The parsers of this process: one instance, started by the first `load`. A tree depends on its text alone, so teams may share it. */
export function nodeParsers(): Parsers {
  return shared
}
