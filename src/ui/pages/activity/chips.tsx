// Ranges of time and filters that are one click away, and views that were saved; each is only a change of the search's text.
import type { SearchField, SearchTerm } from '../../../engine/receipt_search.ts'
import { hasTerm, rangeOf, toggled, withRange } from './query.ts'
import { removeView, views } from './views.ts'

const RANGES = [
  ['1h', 'Last hour'],
  ['24h', '24 hours'],
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['', 'All']
] as const

const CHIPS: readonly (readonly [string, SearchField, readonly string[]])[] = [
  ['Blocked', 'decision', ['block']],
  ['Waiting', 'decision', ['held']],
  ['Passed', 'decision', ['pass']],
  ['Went wrong', 'outcome', ['failed', 'partial', 'unknown']],
  ['Rollbacks', 'workflow', ['rollback:*']]
]

interface Props {
  readonly query: string
  readonly terms: readonly SearchTerm[]
  onSearch(query: string): void
}

export function Ranges({ query, terms, onSearch }: Props) {
  const now = rangeOf(terms)
  return (
    <div class="ranges" role="group" aria-label="Time">
      {RANGES.map(([since, title]) => (
        <button
          key={since}
          type="button"
          aria-pressed={now === since}
          onClick={() => onSearch(withRange(query, since === '' ? null : since))}
        >
          {title}
        </button>
      ))}
    </div>
  )
}

export function Chips({ query, terms, onSearch }: Props) {
  return (
    <div class="chips" role="group" aria-label="Filters">
      {CHIPS.map(([title, field, values]) => (
        <button
          key={title}
          type="button"
          class="chip"
          aria-pressed={hasTerm(terms, field, values)}
          onClick={() => onSearch(toggled(query, field, values))}
        >
          {title}
        </button>
      ))}
    </div>
  )
}

export function Views({ query, onSearch }: Omit<Props, 'terms'>) {
  if (views.value.length === 0) return null
  return (
    <div class="chips" role="group" aria-label="Saved views">
      <span class="label">Views</span>
      {views.value.map((view) => (
        <span key={view.name} class="chip-pair">
          <button type="button" class="chip" aria-pressed={view.query === query} onClick={() => onSearch(view.query)}>
            {view.name}
          </button>
          <button type="button" class="chip" aria-label={`Forget the view ${view.name}`} onClick={() => removeView(view.name)}>
            ×
          </button>
        </span>
      ))}
    </div>
  )
}
