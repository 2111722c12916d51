// Which alerts are shown: all of it stands in the address.
import { visible } from '../../../engine/visible.ts'
import { setParams } from '../../shell/place.ts'
import { SEVERITIES, SEVERITY, STATUS, type Severity, type Status } from './wire.ts'

/** What is not open any more. */
export const SEEN = ['ACKNOWLEDGED', 'RESOLVED'] as const satisfies readonly Status[]

interface TabsProps<T extends string> {
  readonly label: string
  /** The parameter of the address. */
  readonly name: string
  /** `value` null = the one that needs no parameter. */
  readonly of: readonly { readonly value: T | null; readonly word: string }[]
  readonly now: T | null
}

function Tabs<T extends string>({ label, name, of, now }: TabsProps<T>) {
  return (
    <nav class="tabs" aria-label={label}>
      {of.map(({ value, word }) => (
        <a
          key={word}
          href={value === null ? '/app/alerts' : `/app/alerts?${name}=${value}`}
          aria-current={value === now ? 'true' : undefined}
          onClick={(event) => {
            event.preventDefault()
            setParams({ [name]: value })
          }}
        >
          {word}
        </a>
      ))}
    </nav>
  )
}

export function SeverityFilter({ severity }: { readonly severity: Severity | null }) {
  const of = [{ value: null, word: 'All' }, ...SEVERITIES.map((value) => ({ value, word: SEVERITY[value].word }))]
  return <Tabs label="How grave" name="severity" of={of} now={severity} />
}

export function StatusFilter({ status }: { readonly status: (typeof SEEN)[number] }) {
  const of = [
    { value: null, word: STATUS.ACKNOWLEDGED.word },
    { value: 'RESOLVED' as const, word: STATUS.RESOLVED.word }
  ]
  return <Tabs label="Which of them" name="status" of={of} now={status === 'RESOLVED' ? status : null} />
}

export function RuleFilter({ rule }: { readonly rule: string | null }) {
  if (rule === null) return null
  return (
    <button type="button" class="chip" onClick={() => setParams({ rule: null })}>
      Only <code>{visible(rule)}</code> <span aria-hidden="true">×</span>
      <span class="unseen">: show every rule</span>
    </button>
  )
}
