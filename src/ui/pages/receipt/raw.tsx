// The receipt as it was signed, to be copied and kept.
import { useState } from 'preact/hooks'
import type { Receipt } from '../../../engine/schema.ts'
import { visibleLines } from '../../../engine/visible.ts'
import { Copy } from '../../parts/copy.tsx'
import { saveBlob } from '../../parts/save_blob.ts'

export function Raw({ receipt }: { readonly receipt: Receipt }) {
  const [isOpen, open] = useState(false)
  const text = isOpen ? JSON.stringify(receipt, null, 2) : ''
  const save = () => saveBlob(new Blob([`${text}\n`], { type: 'application/json' }), `${receipt.run_id}.${receipt.revision}.json`)
  return (
    <details class="card raw" onToggle={(event) => open(event.currentTarget.open)}>
      <summary>Raw JSON</summary>
      {isOpen && (
        <div class="part stack">
          <div class="row">
            <Copy text={text}>Copy</Copy>
            <button type="button" onClick={save}>
              Download
            </button>
            <small>
              <code>enact receipts verify</code> checks the file offline
            </small>
          </div>
          {/* A box that scrolls must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <pre class="code" tabIndex={0} role="region" aria-label="Raw JSON of the receipt">
            {visibleLines(text)}
          </pre>
        </div>
      )}
    </details>
  )
}
