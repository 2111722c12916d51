// Files of a folder that should hold a receipt and do not, or not the one that was appended: told, never left out in silence.
import { visible } from '../../../engine/visible.ts'

const SHOWN_MAX = 50

export function Damaged({ files }: { readonly files: readonly string[] }) {
  if (files.length === 0) return null
  return (
    <div class="trouble" role="alert">
      <p>
        <strong>{files.length === 1 ? 'One file is not whole.' : `${files.length} files are not whole.`}</strong> What can be shown of them
        is in the list; nothing that depends on them can be proven.
      </p>
      <ul>
        {files.slice(0, SHOWN_MAX).map((file) => (
          <li key={file}>{visible(file)}</li>
        ))}
      </ul>
      {files.length > SHOWN_MAX && <p>And {files.length - SHOWN_MAX} more.</p>}
    </div>
  )
}
