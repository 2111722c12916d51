// A service binding as a gate: another Worker of the account asks without HTTP and without a key, as whom its binding says.
import { EnactEdge, type RunAnswer, type RunRequest } from '../client.ts'
import type { DecisionAnswer, DecisionWanted, Gate, OutcomeTold } from '../client/decisions.ts'

/** `props` of the binding, which the caller's own code can neither see nor change. */
export interface BindingProps {
  readonly team_id: string
  readonly user_email: string
}

/** What a bound Worker may call. */
export interface BoundGate extends Gate {
  run(request: RunRequest, options?: { readonly waitMs?: number; readonly idempotencyKey?: string }): Promise<RunAnswer>
}

/** Throws `TypeError` for a binding that does not say whose it is. INVARIANT: who asks comes from the binding alone. */
export function checkProps(props: unknown): BindingProps {
  const { team_id, user_email } = (props ?? {}) as Partial<Record<string, unknown>>
  if (typeof team_id === 'string' && team_id !== '' && typeof user_email === 'string' && user_email !== '') return { team_id, user_email }
  throw new TypeError('the service binding to `EnactEntrypoint` needs `props = { team_id = "…", user_email = "…" }`')
}

interface App {
  fetch(request: Request): Response | Promise<Response>
}

/**
 * The gates of bindings, each over an app that knows its caller: the same routes and rules as over HTTP. `url` says where people find the
 * installation, for the addresses in answers.
 */
export function boundGates(appFor: (props: BindingProps) => App, url: () => string): (props: BindingProps) => BoundGate {
  const apps = new Map<string, App>()
  return (props) => {
    const name = JSON.stringify([props.team_id, props.user_email])
    const app = apps.get(name) ?? appFor(props)
    apps.set(name, app)
    const edge = new EnactEdge({ url: url(), apiKey: 'the-binding', fetch: async (input, init) => app.fetch(new Request(input, init)) })
    return {
      decide: (request: DecisionWanted, options?: { readonly waitMs?: number }): Promise<DecisionAnswer> => edge.decide(request, options),
      reportOutcome: (runId: string, outcome: OutcomeTold): Promise<void> => edge.reportOutcome(runId, outcome),
      run: (request, options) => edge.run(request, options)
    }
  }
}
