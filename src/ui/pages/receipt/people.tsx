// Who asked, for whom, who approved, and what was held meanwhile.
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Time } from '../../parts/time.tsx'
import { JsonText, Text } from './shown.tsx'

const MODES = {
  mediated: 'Enact did it itself',
  observed: 'somebody else does it: Enact judged',
  imported: 'pushed by an SDK: shown, never trusted',
  embedded: 'the SDK did it in its own program'
} as const

interface Props {
  readonly receipt: Receipt
  /** Taken out before it was shown. */
  readonly isHidden: boolean
}

export function AskedBy({ receipt, isHidden }: Props) {
  const { user_email, user_attributes, actor, mode, run_mode, timestamp, links, config_digest, engine_version } = receipt
  return (
    <>
      <h2>Asked by</h2>
      <Facts
        rows={[
          ['For', user_email === '' ? isHidden ? 'hidden' : '–' : <Text>{user_email}</Text>],
          ['Key', actor.api_key_id === null ? isHidden ? 'hidden' : '–' : <code>{visible(actor.api_key_id)}</code>],
          actor.session_id === null ? null : ['Session', <code key="session">{visible(actor.session_id)}</code>],
          Object.keys(user_attributes).length === 0
            ? null
            : ['Attributes', <code key="attributes">{visible(JSON.stringify(user_attributes))}</code>],
          ['Mode', `${MODES[mode]}${run_mode === 'enforce' ? '' : `; ${run_mode.replace('_', ' ')}`}`],
          ['At', <Time key="at" at={timestamp} />],
          links.idempotency_key === undefined ? null : ['Idempotency', <code key="key">{visible(links.idempotency_key)}</code>],
          ['Policy set', <code key="digest">{visible(config_digest.slice(0, 23))}…</code>],
          ['Engine', <code key="engine">{visible(engine_version)}</code>]
        ]}
      />
    </>
  )
}

const ENDINGS = {
  APPROVED: ['pass', 'Approved'],
  DENIED: ['block', 'Denied'],
  EXPIRED: ['block', 'Nobody answered in time'],
  STALE: ['block', 'The world had changed since']
} as const

export function ApprovalPart({ approval }: { readonly approval: NonNullable<Receipt['approval']> }) {
  const [tone, word] = ENDINGS[approval.decision]
  return (
    <>
      <h2>Approval</h2>
      <p>
        <Badge tone={tone}>{word}</Badge>
      </p>
      <ul class="votes">
        {approval.votes.map(({ by, via, assurance, decided_at, reason }, i) => (
          <li key={i}>
            <strong>
              <Text>{by}</Text>
            </strong>{' '}
            <span class="muted">
              by {visible(via)}, {visible(assurance)}, <Time at={decided_at} />
            </span>
            {reason !== null && (
              <p>
                “<Text>{reason}</Text>”
              </p>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

export function LocksPart({ locks }: { readonly locks: Receipt['locks'] }) {
  return (
    <>
      <h2>Locks held</h2>
      <ul class="locks-held">
        {locks.map(({ resource, fencing_token }) => (
          <li key={resource}>
            <code>{visible(resource)}</code> <small>token {fencing_token}</small>
          </li>
        ))}
      </ul>
    </>
  )
}

export function AskedFor({ receipt, isHidden }: Props) {
  return (
    <>
      <h2>Asked for</h2>
      <p class="asked-for">
        <code>{visible(receipt.workflow)}</code>
        {!isHidden && receipt.payload_digest.startsWith('hmac') && <small>with secrets, which were redacted before this was signed</small>}
      </p>
      {isHidden ? <p class="muted">Hidden by whoever shared this.</p> : <JsonText value={receipt.payload} label="Request" />}
    </>
  )
}
