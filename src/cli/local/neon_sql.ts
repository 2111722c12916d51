// Neon's SQL over HTTP for a local Postgres: one query, or several in one transaction, as `neon(url)` of the driver sends them.
import type { IncomingMessage, ServerResponse } from 'node:http'
import pg from 'pg'

const BODY_BYTES_MAX = 4 * 1024 * 1024

interface Query {
  readonly query: string
  readonly params?: readonly unknown[]
}

const ISOLATION: Readonly<Record<string, string>> = {
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
  Serializable: 'SERIALIZABLE'
}

/** Answers one request, errors included. The client's own connection string is used, at this address: the proxy has no credentials. */
export async function answerSql(request: IncomingMessage, response: ServerResponse, target: { host: string; port: number }): Promise<void> {
  const answer = (status: number, body: object) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  let client: pg.Client | null = null
  try {
    const body = JSON.parse(await read(request)) as Query | { queries: Query[] }
    const given = new URL(String(request.headers['neon-connection-string']))
    client = new pg.Client({
      ...target,
      user: decodeURIComponent(given.username),
      password: decodeURIComponent(given.password),
      database: decodeURIComponent(given.pathname.slice(1))
    })
    client.on('error', () => undefined)
    await client.connect()
    answer(200, 'queries' in body ? { results: await transaction(client, body.queries, request) } : await run(client, body))
  } catch (error) {
    const { message, code } = error as { message?: string; code?: string }
    answer(400, { message: message ?? 'the query failed', ...(code ? { code } : {}) })
  } finally {
    await client?.end().catch(() => undefined)
  }
}

async function transaction(client: pg.Client, queries: readonly Query[], { headers }: IncomingMessage): Promise<object[]> {
  const isolation = ISOLATION[String(headers['neon-batch-isolation-level'])] ?? 'READ COMMITTED'
  await client.query(`BEGIN ISOLATION LEVEL ${isolation} ${headers['neon-batch-read-only'] === 'true' ? 'READ ONLY' : 'READ WRITE'}`)
  const results: object[] = []
  for (const query of queries) results.push(await run(client, query))
  await client.query('COMMIT')
  return results
}

/** Cells as text: the driver converts them itself. */
async function run(client: pg.Client, { query, params }: Query): Promise<object> {
  const result = await client.query({
    text: query,
    values: [...(params ?? [])],
    rowMode: 'array',
    types: { getTypeParser: () => (text: string) => text }
  } as never)
  const { command, rowCount, fields, rows } = result as pg.QueryArrayResult
  return { command, rowCount, fields: fields.map(({ name, dataTypeID }) => ({ name, dataTypeID })), rows, rowAsArray: true }
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_BYTES_MAX) throw new Error('the request is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
