// Which policies judged, and what they compared: those that stopped it first.
import type { JsonObject, PolicyResult, Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { passedCount } from '../../receipt/why.ts'
import { JsonText, Text } from './shown.tsx'

/** Parameters of policies by name, as they are configured now; a receipt tells only the digest of what was. */
export type Params = ReadonlyMap<string, JsonObject>

interface Group {
  readonly policy: string
  readonly effect: PolicyResult['effect']
  readonly results: readonly PolicyResult[]
}

const ORDER = { deny: 0, ask: 1, allow: 2 } as const
const MARKS = { deny: ['✕', 'blocks'], ask: ['◔', 'asks a person'], allow: ['✓', 'passes'] } as const

/** A policy in shadow stops nothing: what it would have done. */
const SHADOWS = { deny: 'shadow: would block', ask: 'shadow: would ask', allow: 'shadow' } as const

export function Policies({ receipt, params }: { readonly receipt: Receipt; readonly params: Params }) {
  const { passed, all } = passedCount(receipt.policy_results)
  const facts = Object.keys(receipt.facts)
  return (
    <>
      <h2>
        Policies · {passed} of {all} passed
      </h2>
      {all === 0 && <p class="muted">No policy judges this.</p>}
      <ul class="policies">
        {grouped(receipt.policy_results).map((group) => (
          <Policy key={group.policy} of={group} params={params.get(group.policy)} />
        ))}
      </ul>
      {facts.length > 0 && (
        <div class="facts-read">
          <h3>Facts that were read</h3>
          <JsonText value={receipt.facts} label="Facts" isFolded={facts.length > 6} />
        </div>
      )}
    </>
  )
}

function Policy({ of: { policy, effect, results }, params }: { readonly of: Group; readonly params: JsonObject | undefined }) {
  const [mark, word] = MARKS[effect]
  const told = Object.entries(params ?? {})
  return (
    <li class={effect}>
      <span class="policy-mark" aria-hidden="true">
        {mark}
      </span>
      <span class="unseen">{word}: </span>
      <code>{visible(policy)}</code>
      <div class="policy-says">
        {distinct(results).map(({ reason, remedy, code, needed, would, effect: own }, i) => (
          <p key={i}>
            {results.length > 1 && own !== effect && <span class="unseen">{MARKS[own][1]}: </span>}
            {would !== undefined && <span class={`badge ${would === 'allow' ? 'none' : 'held'}`}>{SHADOWS[would]}</span>}{' '}
            <Text>{reason}</Text>
            {needed !== undefined && needed > 1 && <span> · {needed} people must approve</span>}
            {code !== undefined && <code class="policy-code">{visible(code)}</code>}
            {remedy !== undefined && <span class="remedy">→ {visible(remedy)}</span>}
          </p>
        ))}
        {told.length > 0 && (
          <p class="params">
            {told.map(([name, value]) => (
              <code key={name}>
                {visible(name)}: {visible(JSON.stringify(value))}
              </code>
            ))}
          </p>
        )}
      </div>
    </li>
  )
}

/** A policy's results together: it judges the request, and each call. */
function grouped(results: readonly PolicyResult[]): Group[] {
  const groups = new Map<string, PolicyResult[]>()
  for (const result of results) groups.set(result.policy, [...(groups.get(result.policy) ?? []), result])
  return [...groups]
    .map(([policy, own]) => ({ policy, results: own, effect: own.map(({ effect }) => effect).toSorted((a, b) => ORDER[a] - ORDER[b])[0]! }))
    .toSorted((a, b) => ORDER[a.effect] - ORDER[b.effect])
}

/** The same words for the request and for each call are said once. */
function distinct(results: readonly PolicyResult[]): PolicyResult[] {
  const seen = new Map<string, PolicyResult>()
  for (const result of results) if (!seen.has(result.effect + result.reason)) seen.set(result.effect + result.reason, result)
  return [...seen.values()].toSorted((a, b) => ORDER[a.effect] - ORDER[b.effect])
}
