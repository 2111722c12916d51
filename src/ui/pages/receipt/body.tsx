// A receipt's body: two columns of cards, the same for whoever has a key and for whoever has a link.
import type { ComponentChildren } from 'preact'
import type { JsonObject, Receipt } from '../../../engine/schema.ts'
import { Changes } from './changes.tsx'
import { ApprovalPart, AskedBy, AskedFor, LocksPart } from './people.tsx'
import { Policies } from './policies.tsx'
import { Timeline } from './timeline.tsx'

interface Props {
  readonly receipt: Receipt
  readonly params: ReadonlyMap<string, JsonObject>
  readonly askedAt: number | null
  /** The proof box. */
  readonly proof: ComponentChildren
  readonly related?: ComponentChildren
  /** JSON pointers to what was taken out before it was shown. */
  readonly hidden?: readonly string[]
}

const NONE: readonly string[] = []

export function Body({ receipt, params, askedAt, proof, related, hidden = NONE }: Props) {
  return (
    <div class="columns receipt-body">
      <div class="card">
        <section>
          <h2>What changed</h2>
          <Changes receipt={receipt} hidden={hidden} />
        </section>
        <section>
          <h2>Timeline</h2>
          <Timeline receipt={receipt} askedAt={askedAt} />
        </section>
        <section>
          <AskedFor receipt={receipt} isHidden={hidden.includes('/payload')} />
        </section>
      </div>
      <div class="card">
        <section>
          <Policies receipt={receipt} params={params} />
        </section>
        <section>{proof}</section>
        {receipt.approval !== null && (
          <section>
            <ApprovalPart approval={receipt.approval} />
          </section>
        )}
        <section>
          <AskedBy receipt={receipt} isHidden={hidden.includes('/user_email') || hidden.includes('/actor')} />
        </section>
        {receipt.locks.length > 0 && (
          <section>
            <LocksPart locks={receipt.locks} />
          </section>
        )}
        {related !== undefined && related !== null && <section>{related}</section>}
      </div>
    </div>
  )
}
