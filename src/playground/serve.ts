// The playground's worker at work: the engine, its policies and its parsers, asked by messages.
import { sha256 } from '@noble/hashes/sha2.js'
import factory from 'libpg-query/wasm/libpg-query.js'
import wasm from 'libpg-query/wasm/libpg-query.wasm'
import { uuidIds } from '../adapters/ids/uuid.ts'
import { parsersOver } from '../adapters/parsers/parsers.ts'
import { nativeTimer } from '../adapters/timer/native.ts'
import { webHash } from '../client/published_keys.ts'
import { Fault, type Hash } from '../engine/index.ts'
import { cardsOf } from './cards.ts'
import { throwAwayKeyring } from './keyring.ts'
import { makeWorld } from './world.ts'
import type { Ask, Told } from '../ui/playground/protocol.ts'

const hash: Hash = { ...webHash, sha256: (data) => sha256(data) }

// PostgreSQL's parser: 1.7 MB of WASM, the same for whoever serves the page.
const parsers = parsersOver(async () => {
  // The bundler gives the file's address in the place of the module.
  const response = await fetch(new URL(wasm as unknown as string, import.meta.url))
  const module = await WebAssembly.compile(await response.arrayBuffer())
  return factory({
    instantiateWasm(imports, done) {
      const instance = new WebAssembly.Instance(module, imports)
      done(instance, module)
      return instance.exports
    }
  })
})

const tell = (told: Told) => self.postMessage(told, {})
const world = throwAwayKeyring(hash).then((keyring) =>
  makeWorld({ hash, keyring, ids: uuidIds, timer: nativeTimer, parsers, now: () => Date.now() })
)

self.addEventListener('message', (event: MessageEvent<Ask>) => {
  const ask = event.data
  world
    .then((judge) => judge(ask))
    .then((verdict) => tell({ kind: 'judged', id: ask.id, verdict }))
    .catch((error: unknown) =>
      tell({ kind: 'refused', id: ask.id, reason: error instanceof Fault ? error.detail : 'this cannot be judged: the engine failed' })
    )
})

// PostgreSQL's parser is fetched now: the first question should not wait for it, nor be taken for one that hangs.
const loaded = parsers.load(['sql']) ?? Promise.resolve()
void loaded.then(() => tell({ kind: 'ready', cards: cardsOf() }))
