// Receipts that belong to this one: its rollback, its approval, what it retried.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { standingOf } from '../../parts/standing.ts'
import { Time } from '../../parts/time.tsx'
import type { Receipt } from '../../../engine/schema.ts'
import { pathOf } from '../../shell/pages.ts'

/** `GET /receipts/{run_id}/related`. */
export interface Related {
  readonly relation: string
  readonly run_id: string
  readonly workflow: string
  readonly decision: Receipt['decision']
  readonly outcome: Receipt['outcome']
  readonly timestamp: string
}

const WORDS: Readonly<Record<string, string>> = {
  rollback_of: 'takes back',
  rolled_back_by: 'taken back by',
  retried_as: 'tried again as',
  retry_of: 'tries again',
  approval: 'approved by',
  approval_of: 'approves',
  same_session: 'same session',
  linked: 'linked'
}

interface Props {
  readonly of: readonly Related[]
  /** The one that really took it back; the others only tried, or looked at what they would do. */
  readonly rolledBackBy: string | null
}

export function RelatedPart({ of, rolledBackBy }: Props) {
  return (
    <>
      <h2>Related</h2>
      <ul class="related">
        {of.map(({ relation, run_id, workflow, decision, outcome, timestamp }) => {
          const isLook = relation === 'rolled_back_by' && run_id !== rolledBackBy
          const { tone, word } = standingOf({ decision, outcome, links: {}, workflow, run_mode: isLook ? 'dry_run' : 'enforce' } as Receipt)
          return (
            <li key={run_id}>
              <span class="muted">{isLook ? 'looked at by' : (WORDS[relation] ?? visible(relation.replaceAll('_', ' ')))}</span>
              <a href={`${pathOf('receipt')}?id=${encodeURIComponent(run_id)}`}>{visible(workflow)}</a>
              <Badge tone={tone}>{word}</Badge>
              <small>
                <Time at={timestamp} />
              </small>
            </li>
          )
        })}
      </ul>
    </>
  )
}
