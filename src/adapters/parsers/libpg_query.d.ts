// Types of the two files of libpg-query that are loaded by themselves: its emscripten glue and its WASM module.
declare module 'libpg-query/wasm/libpg-query.js' {
  interface Options {
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void
    ): WebAssembly.Exports
  }
  const factory: (options: Options) => Promise<import('./sql.ts').PgModule>
  export default factory
}

declare module 'libpg-query/wasm/libpg-query.wasm' {
  const module: WebAssembly.Module
  export default module
}
