// Policies: what is configured, and what is used of those that count.
import { Views } from '../../parts/views.tsx'
import { place } from '../../shell/place.ts'
import { has } from '../../shell/session.ts'
import { Budgets } from './budgets.tsx'
import { Configured } from './configured.tsx'

const CONFIGURED = '/app/policies'
const BUDGETS = '/app/policies?view=budgets'
const VIEWS = [
  { title: 'Configured', path: CONFIGURED },
  { title: 'Budgets', path: BUDGETS }
]

export default function Policies() {
  const hasBudgets = has('budgets')
  const isBudgets = hasBudgets && place.value.params.get('view') === 'budgets'
  return (
    <>
      <header class="page-head">
        <h1>Policies</h1>
        {hasBudgets && <Views of={VIEWS} now={isBudgets ? BUDGETS : CONFIGURED} />}
      </header>
      {isBudgets ? <Budgets /> : <Configured />}
    </>
  )
}
