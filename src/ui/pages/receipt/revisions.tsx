// A run's revisions: a later finding amends, and never replaces, what was signed before.
import { visible } from '../../../engine/visible.ts'
import { pathOf } from '../../shell/pages.ts'

interface Props {
  readonly runId: string
  readonly shown: number
  readonly newest: number
}

export function Revisions({ runId, shown, newest }: Props) {
  if (newest === 0) return null
  const address = (revision: number) =>
    `${pathOf('receipt')}?id=${encodeURIComponent(runId)}${revision === newest ? '' : `&revision=${revision}`}`
  return (
    <nav class="revisions" aria-label="Revisions">
      <span class="muted">Revision</span>
      {Array.from({ length: newest + 1 }, (_, revision) => (
        <a key={revision} href={visible(address(revision))} aria-current={revision === shown ? 'page' : undefined}>
          {revision}
          {revision === newest && <span class="unseen"> (newest)</span>}
        </a>
      ))}
      {shown !== newest && <span class="badge held">Not the newest</span>}
    </nav>
  )
}
