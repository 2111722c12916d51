// The floor of the edge: a Worker that appends one row to one object, and nothing else.
import { DurableObject } from 'cloudflare:workers'

interface Env {
  readonly ROWS: DurableObjectNamespace<Rows>
}

/** One table, one insert. */
export class Rows extends DurableObject<Env> {
  constructor(state: DurableObjectState, env: Env) {
    super(state, env)
    state.storage.sql.exec('CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, body TEXT NOT NULL)')
  }

  append(body: string): number {
    return this.ctx.storage.sql.exec<{ seq: number }>('INSERT INTO entries (body) VALUES (?) RETURNING seq', body).one().seq
  }
}

export default {
  async fetch(request, env) {
    const body = await request.text()
    const seq = await env.ROWS.get(env.ROWS.idFromName('team')).append(body)
    return Response.json({ seq })
  }
} satisfies ExportedHandler<Env>
