// A rule over receipts in the words of the search box.
import { agentOf, defineAlert, type AlertRule, type Severity } from './alert.ts'
import { fault, Fault } from './fault.ts'
import { matchesSearch } from './receipt_match.ts'
import { parseSearch } from './receipt_search.ts'

export interface AlertSearch {
  readonly id: string
  readonly title: string
  readonly description?: string
  /** As in the search box: `decision:block workflow:agent_pr*`. Only what was enforced is looked at, unless it says `mode:`. */
  readonly search: string
  readonly severity: Severity
  /** So many of them, within `within_seconds`; one unless given. */
  readonly count?: number
  readonly within_seconds?: number
  /** What makes one alert: the agent unless given. */
  readonly by?: 'agent' | 'workflow' | 'team'
}

/** Fires on receipts that a search finds. Throws fault `misconfigured` where the search is none. */
export function alertOn({ id, title, search, severity, count = 1, within_seconds = 60, by = 'agent', ...more }: AlertSearch): AlertRule {
  const terms = parsed(id, search)
  const saysMode = terms.some(({ field }) => field === 'mode')
  return defineAlert({
    id,
    title,
    description: more.description ?? `Receipts that \`${search}\` finds${count > 1 ? `, ${count} within ${within_seconds} s` : ''}.`,
    severity,
    ...(count > 1 ? { burst: { count, within_seconds } } : {}),
    see(signal) {
      if (signal.kind !== 'receipt') return []
      const { receipt } = signal
      if (!saysMode && receipt.run_mode !== 'enforce') return []
      if (!matchesSearch(receipt, terms, Date.parse(receipt.timestamp))) return []
      const { run_id, workflow, decision, outcome } = receipt
      const subject = by === 'agent' ? agentOf(receipt) : by === 'workflow' ? workflow : ''
      const message = `${workflow} by ${agentOf(receipt)}: ${decision}, ${outcome}`
      return [{ key: run_id, subject, message, run_id }]
    }
  })
}

function parsed(id: string, search: string) {
  try {
    return parseSearch(search)
  } catch (error) {
    if (error instanceof Fault) throw fault('misconfigured', `alert rule \`${id}\`: ${error.detail}`)
    throw error
  }
}
