// A TCP relay that breaks the connection at COMMIT: the one moment at which a client cannot know what happened.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/**
 * `before`: the server never sees the COMMIT. `after`: it carries it out, and its answer is lost.
 * `hold`: the client is cut off, the server's transaction stays open until `release`.
 */
export type Cut = 'before' | 'after' | 'hold'

export interface Cutter {
  /** The database's address through the relay. */
  readonly databaseUrl: string
  /** Cuts at the next COMMIT; connections after that pass. */
  arm(cut: Cut): void
  /** Lets the transactions that were held go on to their COMMIT. */
  release(): Promise<void>
  close(): Promise<void>
}

export async function startCutter(databaseUrl: string): Promise<Cutter> {
  const address = new URL(databaseUrl)
  const { hostname, port } = address
  const sockets = new Set<Socket>()
  const held: { server: Socket; chunk: Buffer }[] = []
  let armed: Cut | null = null
  const relay = createServer((client) => {
    const server = connect(Number(port), hostname)
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    let answerIsLost = false
    let isHeld = false
    client.on('close', () => isHeld || server.destroy())
    server.on('close', () => client.destroy())
    server.on('data', (chunk) => (answerIsLost ? client.destroy() : client.write(chunk)))
    client.on('data', (chunk) => {
      if (armed === null || !chunk.includes('COMMIT\0')) return void server.write(chunk)
      const cut = armed
      armed = null
      if (cut === 'before') return void client.destroy()
      if (cut === 'after') {
        answerIsLost = true
        return void server.write(chunk)
      }
      isHeld = true
      held.push({ server, chunk })
      client.destroy()
    })
  })
  await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
  address.port = String((relay.address() as AddressInfo).port)
  return {
    databaseUrl: address.href,
    arm: (cut) => void (armed = cut),
    async release() {
      await Promise.all(held.splice(0).map(({ server, chunk }) => new Promise((resolve) => server.once('data', resolve).write(chunk))))
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => relay.close(resolve))
    }
  }
}
