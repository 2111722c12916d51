// What became of a transaction whose COMMIT was not answered: only the server's own record tells.
import type { CallContext, Recovered } from '../../engine/connector.ts'
import type { JsonObject } from '../../engine/schema.ts'
import type { PostgresClient } from './client.ts'
import type { Session } from './session.ts'

/** Asks the server, by the transaction id that was noted, what became of a call whose outcome was lost. */
export async function recoverByXid<O extends JsonObject>(client: PostgresClient, call: CallContext): Promise<Recovered<O>> {
  let isOpen = false
  for (const note of [...call.notes].reverse()) {
    const status = typeof note.xid === 'string' ? await statusOf(client, note.xid) : 'unknown'
    if (status === 'committed') return { kind: 'done', output: note.output as O }
    if (status !== 'aborted') isOpen = true
  }
  // Without a note nothing was committed: the note comes first.
  return { kind: isOpen ? 'unknown' : 'not_done' }
}

const STATUS_LOOKS = 8

/** A transaction still in progress is looked at again for two seconds; then, and where nobody answers, it is unknown. */
export async function statusOf(client: PostgresClient, xid: string): Promise<'committed' | 'aborted' | 'unknown'> {
  let session: Session | null = null
  try {
    session = await client.take()
    for (let look = 1; look <= STATUS_LOOKS; look++) {
      const status = (await session.query('SELECT pg_xact_status($1::xid8)', [xid])).rows[0]?.[0]
      if (status === 'committed' || status === 'aborted') {
        client.give(session, true)
        return status
      }
      if (status !== 'in progress') break
      await session.query('SELECT pg_sleep(0.25)')
    }
  } catch {
    // An id that the server does not know (it was restored or replaced) is as unknown as a server that is away.
  }
  if (session) client.give(session, false)
  return 'unknown'
}
