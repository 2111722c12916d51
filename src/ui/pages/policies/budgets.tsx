// Budgets: what is used of each now, what is on its way, and when some of it frees.
import { useEffect } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { useNow } from '../../parts/clock.ts'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { usePaged } from '../../parts/paged.ts'
import { fromNow } from '../../parts/time.tsx'
import { limitText, meterOf, usedText, type BudgetShown } from './budget_text.ts'

const EVERY_MS = 5_000

export function Budgets() {
  const budgets = usePaged<BudgetShown>('/budgets')
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) void budgets.reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [budgets])
  return (
    <section class="area" aria-label="Budgets">
      <div class="area-head">
        <p class="muted">What counts now. Calls that are on their way count too, and are given back where they fail.</p>
      </div>
      <List of={budgets} empty={<NothingUsed />}>
        {(items) => <Table items={items} />}
      </List>
    </section>
  )
}

function Table({ items }: { readonly items: readonly BudgetShown[] }) {
  const now = useNow()
  return (
    <table class="sheet budgets">
      <thead>
        <tr>
          <th scope="col">Budget</th>
          <th scope="col">Whose</th>
          <th scope="col">Used</th>
          <th scope="col">First frees</th>
        </tr>
      </thead>
      <tbody>
        {items.map((one) => (
          <tr key={`${one.budget} ${one.scope}`}>
            <td class="fills">
              <code>{one.policy}</code> {one.mode === 'shadow' && <Badge tone="held">Shadow</Badge>}
              <span class="under">
                {limitText(one)}
                {one.on !== null && (
                  <>
                    {', '}
                    <code>{one.on.join(' ')}</code>
                  </>
                )}
              </span>
            </td>
            <td>
              {one.per === 'team' ? (
                'the team'
              ) : (
                <>
                  <span class="muted">{one.per}</span> <code>{visible(one.scope)}</code>
                </>
              )}
            </td>
            <td class="fills budget-used">
              <Meter budget={one} />
            </td>
            <td class="is-narrow" data-label="first frees">
              <time dateTime={one.frees_at} title={one.frees_at}>
                {fromNow(one.frees_at, Math.min(now.value, Date.parse(one.frees_at)))}
              </time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Meter({ budget }: { readonly budget: BudgetShown }) {
  const { used, inFlight, isFull } = meterOf(budget)
  return (
    <>
      <svg class={isFull ? 'meter is-full' : 'meter'} aria-hidden="true">
        <rect class="track" width="100%" height="100%" rx="4" />
        <rect width={`${used * 100}%`} height="100%" rx="4" />
        <rect class="in-flight" x={`${used * 100}%`} width={`${inFlight * 100}%`} height="100%" rx="4" />
      </svg>
      <span class={isFull ? 'is-full' : undefined}>
        {usedText(budget)}
        {isFull && ': full'}
      </span>
    </>
  )
}

function NothingUsed() {
  return (
    <Empty title="Nothing of a budget is used">
      <p>
        <code>limit_rate</code> (how often) and <code>limit_total</code> (how much) are policies that count, over a window that slides. What
        they have counted stands here: whose it is, how much is left, and when some of it frees.
      </p>
      <pre class="code">{`// enact.config.ts
policies.limitRate({ max: 10, window: '60s' }, { on: ['delete_row'] })`}</pre>
    </Empty>
  )
}
