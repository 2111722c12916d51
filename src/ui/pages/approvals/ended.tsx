// A request that is over: how it ended, and where its receipts are.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Time } from '../../parts/time.tsx'
import { STATUSES, type Sight } from './wire.ts'

export function Ended({ sight: { status, decided_at, decided_by, hitl_id, run_id } }: { readonly sight: Sight }) {
  const { tone, word } = STATUSES[status]
  return (
    <div class="card part ended" role="status">
      <Badge tone={tone}>{word}</Badge>
      <p>
        {decided_by === null ? 'Nobody decided in time: that is a no' : `By ${visible(decided_by)}`}
        {decided_at && (
          <>
            , <Time at={decided_at} />
          </>
        )}
        .
      </p>
      <p class="muted">{status === 'APPROVED' ? 'It counts once, and for exactly this.' : 'It is final: ask again to be asked anew.'}</p>
      <div class="row">
        <a class="button" href={`/app/receipt?id=${hitl_id}`}>
          Receipt of the decision
        </a>
        {run_id !== null && (
          <a class="button" href={`/app/receipt?id=${run_id}`}>
            Receipt of the run
          </a>
        )}
      </div>
    </div>
  )
}
