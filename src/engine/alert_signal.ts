// What alerts are made of: everything that a rule may see, each told at least once and known again by what it is.
import type { Finding } from './edge_ports.ts'
import type { Receipt } from './schema.ts'

/** What the windows of an agent and action found; the same `id` when the same is found again. */
export interface AnomalySeen {
  readonly id: string
  readonly agent: string
  readonly action: string
  readonly window: '1m' | '1h' | '1d' | 'cap'
  readonly at: number
  readonly count: number
  readonly expected: number | null
  readonly sigma: number | null
  readonly limit: number
  readonly message: string
  readonly run_id: string
}

/** What the reconciler found, or a receipt that did not verify when it was to be acted on. */
export interface TamperSeen {
  readonly run_id: string
  readonly kind: Finding['kind'] | 'signature_invalid'
  readonly repaired: boolean
  readonly at: number
}

/** A request to a person that nobody has answered yet. */
export interface ApprovalSeen {
  readonly hitl_id: string
  readonly workflow: string
  readonly run_id: string | null
  readonly user_email: string
  readonly asked_at: number
  readonly expires_at: number
  readonly at: number
}

/** A delivery to a webhook endpoint that failed, or the first that arrived after some that had. `attempt` counts those of this delivery. */
export interface EndpointSeen {
  readonly endpoint_id: string
  /** Where it is, without path and parameters, which may hold secrets. */
  readonly host: string
  readonly state: 'failing' | 'given_up' | 'gone' | 'recovered'
  readonly delivery_id: string
  readonly attempt: number
  readonly error: string | null
  readonly at: number
}

/** Receipts are first revisions as they stand in the ledger; what was imported happened elsewhere and is never told. */
export type Signal =
  | { readonly kind: 'receipt'; readonly receipt: Receipt }
  | { readonly kind: 'anomaly'; readonly finding: AnomalySeen }
  | { readonly kind: 'tamper'; readonly finding: TamperSeen }
  | { readonly kind: 'approval'; readonly waiting: ApprovalSeen }
  | { readonly kind: 'endpoint'; readonly endpoint: EndpointSeen }

/** When it happened. */
export function signalTime(signal: Signal): number {
  switch (signal.kind) {
    case 'receipt':
      return Date.parse(signal.receipt.timestamp)
    case 'anomaly':
    case 'tamper':
      return signal.finding.at
    case 'approval':
      return signal.waiting.at
    case 'endpoint':
      return signal.endpoint.at
  }
}
