// What is left to do on an installation, in the order in which it is done, each with the command or the page that does it. Pure.
import type { Installation, SetupFacts } from '../engine/index.ts'

/** One thing to do. */
export interface Step {
  readonly id: string
  readonly title: string
  readonly done: boolean
  /** What was found. */
  readonly detail: string
  /** The exact command or page. */
  readonly how: string
}

export interface Found {
  readonly team_id: string
  readonly facts: SetupFacts
  /** Null where the configuration does not hold. */
  readonly installation: Installation | null
  /** How many receipts the newest checkpoint covers; null = there is none. */
  readonly checkpoint_size: number | null
  /** Where this installation was reached just now. */
  readonly origin: string
}

/** Every step, done or not. */
export function checklistOf({ team_id, facts, installation, checkpoint_size, origin }: Found): Step[] {
  const systems = [...(installation?.systems.values() ?? [])]
  const on = systems.filter(({ missing }) => missing === null).map(({ id }) => id)
  const off = systems.flatMap(({ missing }) => (missing === null ? [] : [missing]))
  const channels = [...(facts.has_mail ? ['mail'] : []), ...(facts.has_slack ? ['Slack'] : [])]
  return [
    step(
      'secret',
      'A good secret',
      true,
      'ENACT_SECRET is set: every key derives from it, so keep a copy',
      'npx wrangler secret put ENACT_SECRET'
    ),
    step('team', 'A team', true, `the installation is claimed, and this is team ${team_id}`, '/app/setup'),
    step(
      'second_admin_key',
      'A second admin key',
      facts.admin_keys > 1,
      facts.admin_keys > 1 ? `there are ${facts.admin_keys}` : 'whoever loses the only one is locked out',
      `curl -X POST ${origin}/keys -H "X-Enact-Api-Key: $ENACT_API_KEY" -H 'content-type: application/json' -d '{"scopes":["admin"],"label":"spare"}'`
    ),
    step(
      'url',
      'The address of this installation',
      facts.url !== null,
      facts.url ?? 'messages link to wherever it was last reached',
      `npx wrangler secret put ENACT_URL (it is ${origin})`
    ),
    step(
      'approver',
      'Somebody to ask',
      facts.has_approver,
      facts.has_approver ? 'at least one person is an approver' : 'what a policy asks about is blocked, since nobody can answer',
      '/app/settings, or POST /people with the role approver'
    ),
    step(
      'channel',
      'A way to reach them',
      channels.length > 0,
      channels.length > 0 ? channels.join(' and ') : 'approvals reach nobody; they wait in /app/approvals',
      'npx wrangler secret put RESEND_API_KEY, or SLACK_BOT_TOKEN with SLACK_SIGNING_SECRET'
    ),
    step(
      'system',
      'A system that is on',
      on.length > 0,
      installation === null
        ? 'enact.config.ts does not hold: see the log'
        : on.length > 0
          ? on.join(', ')
          : 'agents can be told no, and nothing else',
      off.length > 0 ? `npx wrangler secret put ${off[0]!}` : 'enact.config.ts, then npm run deploy'
    ),
    step(
      'webhook',
      'A webhook',
      facts.has_webhook,
      facts.has_webhook ? 'an endpoint has answered its ping' : 'nothing outside hears of blocks and alerts',
      '/app/webhooks, or POST /webhooks'
    ),
    step(
      'first_receipt',
      'The first receipt',
      facts.has_receipt,
      facts.has_receipt ? 'the ledger has begun' : 'no agent has asked for anything yet',
      `curl -X POST ${origin}/runs -H "X-Enact-Api-Key: $ENACT_API_KEY" -H 'content-type: application/json' -d '{"workflow":"agent_pr_workflow","user_email":"you@company.com","payload":{"repo":"acme/app","branch":"main"}}'`
    ),
    step(
      'checkpoint',
      'A checkpoint kept elsewhere',
      checkpoint_size !== null,
      checkpoint_size === null
        ? 'there is none yet: it comes within a minute of the first receipt'
        : `the newest covers ${checkpoint_size} receipts; a copy outside shows whether the past was rewritten`,
      `curl -H 'accept: text/plain' '${origin}/checkpoints/latest?team=${team_id}' > checkpoint.txt, then npx enact receipts verify --checkpoint checkpoint.txt`
    )
  ]
}

function step(id: string, title: string, done: boolean, detail: string, how: string): Step {
  return { id, title, done, detail, how }
}
