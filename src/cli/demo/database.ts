// A real Postgres for the demo, with the proxy through which the Worker reaches it.
import { createServer, type AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import { lookAt, SEED, type Table } from './customers.ts'
import type { Orders } from './database_thread.ts'

/** Known at once; `ready` is when it answers. */
export interface Database {
  /** What the Worker is told; only the proxy knows where Postgres really is. */
  readonly variables: { readonly DATABASE_URL: string; readonly NEON_LOCAL_URL: string; readonly DATABASE_TABLES: string }
  readonly ready: Promise<void>
  look(): Promise<Table>
  close(): Promise<void>
}

/** Starts it in a thread, which ends with the process, whatever happens. */
export async function startDatabase(): Promise<Database> {
  const port = await freePort()
  const orders: Orders = { seed: SEED, port }
  const thread = new Worker(new URL('./database_thread.ts', import.meta.url), { workerData: orders })
  const address = new Promise<string>((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', (error) => reject(new Error(`Postgres does not start: ${error.message}`)))
    thread.once('exit', () => reject(new Error('Postgres has ended')))
  })
  const ready = address.then(() => undefined)
  // Whoever waits hears of a failure; until then it is not an unhandled one.
  ready.catch(() => undefined)
  return {
    variables: {
      DATABASE_URL: 'postgres://postgres@localhost/postgres',
      NEON_LOCAL_URL: `http://127.0.0.1:${port}`,
      DATABASE_TABLES: 'customers'
    },
    ready,
    look: async () => lookAt(await address),
    close: async () => void (await thread.terminate())
  }
}

/** The Worker is told the proxy's address before there is a proxy, so that both can start at once. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
