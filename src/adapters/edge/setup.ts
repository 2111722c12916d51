// How far an installation is set up, from D1 and the environment: one query a team.
import type { SetupFacts, SetupState } from '../../engine/index.ts'

const FACTS = `SELECT
  (SELECT count(*) FROM api_keys WHERE team_id = ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2)
    AND EXISTS (SELECT 1 FROM json_each(api_keys.scopes) WHERE value = 'admin')) AS admin_keys,
  EXISTS (SELECT 1 FROM people WHERE team_id = ?1 AND approver = 1) AS has_approver,
  EXISTS (SELECT 1 FROM webhook_endpoints WHERE team_id = ?1 AND status = 'ACTIVE') AS has_webhook,
  EXISTS (SELECT 1 FROM receipts WHERE team_id = ?1) AS has_receipt`

interface Row {
  readonly admin_keys: number
  readonly has_approver: number
  readonly has_webhook: number
  readonly has_receipt: number
}

/** Mail counts as the notices count it: Resend, a binding with an address to send from, or the outbox of development. */
export function edgeSetup(db: D1Database, strings: Readonly<Record<string, string | undefined>>, hasMailBinding: boolean): SetupState {
  const isDev = strings.ENACT_DEV === '1'
  const has_mail = isDev || Boolean(strings.RESEND_API_KEY) || (hasMailBinding && Boolean(strings.ENACT_MAIL_FROM))
  const has_slack = Boolean(strings.SLACK_BOT_TOKEN) && Boolean(strings.SLACK_SIGNING_SECRET)
  return {
    isClaimed: async () => (await db.prepare('SELECT 1 FROM teams LIMIT 1').first()) !== null,
    async of(teamId, now): Promise<SetupFacts> {
      const row = (await db.prepare(FACTS).bind(teamId, new Date(now).toISOString()).first<Row>())!
      return {
        admin_keys: row.admin_keys,
        has_approver: row.has_approver === 1,
        has_webhook: row.has_webhook === 1,
        has_receipt: row.has_receipt === 1,
        url: strings.ENACT_URL || null,
        has_mail,
        has_slack
      }
    }
  }
}
