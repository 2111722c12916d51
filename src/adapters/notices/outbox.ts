// Mail that is written down instead of sent: for development on one machine, never anywhere else, since it holds live links.
import type { Clock, Outbox, OutboxMail } from '../../engine/index.ts'
import type { Mailer } from './mailer.ts'

/** The slice of D1 in use, so that the same file serves every host. */
interface Database {
  prepare(sql: string): { bind(...values: unknown[]): { run(): Promise<unknown>; all<T>(): Promise<{ results: T[] }> } }
}

interface Row extends Omit<OutboxMail, 'links' | 'to'> {
  readonly mail_to: string
  readonly approve: string | null
  readonly deny: string | null
}

/** An outbox over a D1 database; the same notice twice is there once. */
export function d1Outbox(db: Database, clock: Clock): Outbox & { readonly mailer: Mailer } {
  return {
    async mailer({ id, channel, subject, text, html, links }) {
      await db
        .prepare(
          'INSERT INTO dev_outbox (id, at, mail_to, subject, text, html, approve, deny) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING'
        )
        .bind(id, new Date(clock.now()).toISOString(), channel.address, subject, text, html, links.approve, links.deny)
        .run()
    },
    async list(limit) {
      const { results } = await db.prepare('SELECT * FROM dev_outbox ORDER BY at DESC, rowid DESC LIMIT ?').bind(limit).all<Row>()
      return results.map(({ mail_to, subject, text, html, approve, deny, at }) => ({
        to: mail_to,
        subject,
        text,
        html,
        links: { approve, deny },
        at
      }))
    }
  }
}
