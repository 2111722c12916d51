// Slack's requests at the edge: signed, fresh, and each once.
import type { Clock, SlackDoor } from '../../engine/index.ts'
import { isFromSlack } from '../notices/slack_signature.ts'

const REMEMBER_MS = 900_000

/** The door for requests that are signed with this secret; without one nothing is let in. */
export function edgeSlackDoor(db: D1Database, clock: Clock, secret: string | undefined): SlackDoor {
  return {
    async admit(body, timestamp, signature) {
      const now = clock.now()
      if (!secret || !isFromSlack(secret, body, timestamp, signature, now)) return false
      const [seen] = await db.batch([
        db.prepare('INSERT INTO slack_requests (signature, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING').bind(signature, now),
        db.prepare('DELETE FROM slack_requests WHERE at < ?1').bind(now - REMEMBER_MS)
      ])
      return seen!.meta.changes > 0
    }
  }
}
