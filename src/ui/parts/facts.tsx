// Names and values, one below the other.
import type { ComponentChildren } from 'preact'

/** Rows that are null are left out. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren] | null)[] }) {
  return (
    <dl class="facts">
      {rows.map(
        (row) =>
          row && (
            <div key={row[0]}>
              <dt>{row[0]}</dt>
              <dd>{row[1]}</dd>
            </div>
          )
      )}
    </dl>
  )
}
