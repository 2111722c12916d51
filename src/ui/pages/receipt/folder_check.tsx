// What `enact ui` checked of a receipt with the secret: the one signature that no browser can check.
import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { get } from '../../shell/api.ts'
import { session } from '../../shell/session.ts'

interface Verification {
  readonly checks: { readonly hmac: 'ok' | 'failed' | 'not_checked'; readonly ledger: 'ok' | 'failed' | 'not_checked' }
  readonly problems: readonly string[]
}

const SAYS = { ok: '✓ checked with the secret', failed: '✕ does not verify with the secret', not_checked: '– needs ENACT_SECRET' } as const

/** Nothing where the receipts are an installation's. */
export function FolderCheck({ runId }: { readonly runId: string }) {
  const isFolder = session.value?.via === 'folder'
  const [found, set] = useState<Verification | null>(null)
  useEffect(() => {
    if (isFolder) void get<Verification>(`/receipts/${runId}/verification`).then(set, () => undefined)
  }, [runId, isFolder])
  if (!isFolder || found === null) return null
  return (
    <div>
      <dt>HMAC</dt>
      <dd>
        {SAYS[found.checks.hmac]}
        {found.checks.ledger === 'failed' && <p class="wrong-all">{visible(found.problems.at(-1) ?? '')}</p>}
      </dd>
    </div>
  )
}
