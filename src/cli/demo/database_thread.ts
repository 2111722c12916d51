// The demo's Postgres in a thread of its own: it starts beside the Worker, and Ctrl-C is heard while it does.
import { parentPort, workerData } from 'node:worker_threads'
import { startNeonProxy } from '../local/neon_proxy.ts'
import { startPglite } from '../local/pglite.ts'

/** Given to the thread. */
export interface Orders {
  readonly seed: string
  readonly port: number
}

const { seed, port } = workerData as Orders
const { databaseUrl } = await startPglite(seed)
await startNeonProxy({ databaseUrl, maxSessions: 1, port })
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
parentPort!.postMessage(databaseUrl)
