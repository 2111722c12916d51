// Observed mode as a client sees it: what is asked, what is answered, and the gate that framework adapters are built on.
import type { Inverse, JsonObject, PolicyResult } from '../engine/schema.ts'

/** What an agent is about to do. `tool_use_id` makes asking twice asking once; a session lets policies see what came before. */
export interface DecisionWanted {
  readonly action: string
  readonly input: JsonObject
  readonly user_email: string
  readonly session_id?: string
  readonly tool_use_id?: string
}

/** `HOLD`: a person is asked, at `approval_url`; ask for exactly the same again once they have decided. */
export interface DecisionAnswer {
  readonly run_id: string
  readonly decision: 'PASS' | 'BLOCK' | 'HOLD'
  readonly policy_results: readonly PolicyResult[]
  readonly hitl_id?: string
  readonly approval_url?: string
  readonly expires_at?: string
}

/** What became of it. `rollback_data` is shown in the receipt and never run. */
export interface OutcomeTold {
  readonly success: boolean
  readonly output?: JsonObject
  readonly error?: string
  readonly rollback_data?: Inverse | 'irreversible' | null
}

/** Whatever decides and takes outcomes: an installation (`EnactEdge`) or the embedded engine (`EnactClient`). */
export interface Gate {
  decide(request: DecisionWanted, options?: { readonly waitMs?: number }): Promise<DecisionAnswer>
  reportOutcome(runId: string, outcome: OutcomeTold): Promise<void>
}
