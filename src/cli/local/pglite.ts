// A real Postgres in WebAssembly, for the demo: no install, no extra user, nothing left behind. It serves one session at a time.

/** A running database. Reach it through `startNeonProxy({ databaseUrl, maxSessions: 1 })`, which queues the sessions. */
export interface LocalPostgres {
  readonly databaseUrl: string
  close(): Promise<void>
}

/** Starts an empty Postgres in memory and runs the seed. */
export async function startPglite(seedSql = ''): Promise<LocalPostgres> {
  const [{ PGlite }, { PGLiteSocketServer }] = await Promise.all([import('@electric-sql/pglite'), import('@electric-sql/pglite-socket')])
  const db = await PGlite.create()
  if (seedSql !== '') await db.exec(seedSql)
  // More sockets than sessions: a socket that is closing must not keep the next one out.
  const server = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0, maxConnections: 16 })
  await server.start()
  return {
    databaseUrl: `postgres://postgres@${server.getServerConn()}/postgres`,
    async close() {
      await server.stop()
      await db.close()
    }
  }
}
