// A receipt's head: how it stands, what it was in one sentence, for whom, how long.
import type { ComponentChildren } from 'preact'
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { standingOf } from '../../parts/standing.ts'
import { span, Time } from '../../parts/time.tsx'
import { runName } from '../../receipt/call_name.ts'
import { headlineOf } from '../../receipt/headline.ts'
import { tookMs } from '../../receipt/took.ts'

export function Head({ receipt, children }: { readonly receipt: Receipt; readonly children?: ComponentChildren }) {
  const { tone, word } = standingOf(receipt)
  const ms = tookMs(receipt)
  return (
    <div class="page-head receipt-head">
      <div class="receipt-title">
        <Badge tone={tone}>{word}</Badge>
        <h1>{visible(headlineOf(receipt))}</h1>
        <p class="muted">
          <code>{visible(runName(receipt))}</code>
          {ms !== null && ` · ${span(ms)}`}
          {receipt.user_email !== '' && ` · for ${visible(receipt.user_email)}`} · <Time at={receipt.timestamp} />
        </p>
      </div>
      <div class="actions">{children}</div>
    </div>
  )
}
