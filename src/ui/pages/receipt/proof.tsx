// The proof box: what this browser itself has checked of the receipt, step by step.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { PublicKey } from '../../../engine/ports.ts'
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import type { Check, Result } from '../../verify/index.ts'
import { get, tell } from '../../shell/api.ts'
import { FolderCheck } from './folder_check.tsx'
import { Text } from './shown.tsx'

/** What is being checked; `partial` = some of the signed bytes are not here. */
export interface Provable {
  readonly receipt: Receipt
  readonly teamId: string
  /** What came along; else the server is asked. */
  readonly evidence?: { readonly proof: unknown; readonly keys: readonly PublicKey[] }
  readonly isPartial?: boolean
  /** False = a revision that was amended: the server proves the newest alone. */
  readonly isNewest?: boolean
}

export type ProofState =
  | { readonly kind: 'checking' }
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'lost'; readonly text: string }

const NAMES: Readonly<Record<Check['name'], string>> = {
  shape: 'Receipt',
  signature: 'Ed25519',
  hmac: 'HMAC-SHA256',
  leaf: 'Leaf',
  checkpoint: 'Checkpoint',
  inclusion: 'Inclusion'
}
const MARKS = { ok: ['✓', 'right'], failed: ['✕', 'wrong'], none: ['–', 'not checked'] } as const
const VERDICTS = {
  ok: ['pass', 'Verified here'],
  signed: ['pass', 'Verified in part'],
  failed: ['block', 'Does not verify'],
  none: ['held', 'Not verified']
} as const

/** Verifies when it comes up, and whenever `again` is called. */
export function useProof({ receipt, teamId, evidence, isPartial = false, isNewest = true }: Provable): {
  state: ProofState
  again(): void
} {
  const [state, set] = useState<ProofState>({ kind: 'checking' })
  const turn = useRef(0)
  const check = async () => {
    const mine = ++turn.current
    set({ kind: 'checking' })
    const told = await verify({ receipt, teamId, isPartial, isNewest, ...(evidence ? { evidence } : {}) }).catch(
      (error: unknown): ProofState => ({
        kind: 'lost',
        text: tell(error)
      })
    )
    if (mine === turn.current) set(told)
  }
  useEffect(() => {
    void check()
    return () => void turn.current++
  }, [receipt])
  return { state, again: () => void check() }
}

async function verify({ receipt, teamId, evidence, isPartial = false, isNewest = true }: Provable): Promise<ProofState> {
  const { run_id } = receipt
  const [{ checkReceipt }, proof, keys] = await Promise.all([
    import('../../verify/index.ts'),
    evidence ? evidence.proof : isNewest ? get<unknown>(`/receipts/${run_id}/proof`).catch(() => null) : null,
    evidence
      ? evidence.keys
      : get<{ keys: readonly PublicKey[] }>('/.well-known/enact-keys.json', { team: teamId }).then((found) => found.keys)
  ])
  if (run_id === undefined) return { kind: 'lost', text: 'there is no receipt to verify' }
  return { kind: 'done', result: await checkReceipt({ receipt, proof, keys, teamId, isPartial, isNewest }) }
}

interface ProofProps {
  readonly receipt: Receipt
  readonly state: ProofState
  again(): void
  /** Fewer steps: only its place in the ledger can be checked. */
  readonly isPartial?: boolean
}

export function Proof({ receipt, state, again, isPartial = false }: ProofProps) {
  const { ledger, signatures } = receipt
  return (
    <>
      <div class="proof-head">
        <h2>Proof</h2>
        <span role="status">{state.kind === 'done' && <Verdict of={state.result} />}</span>
        <button type="button" class="quiet" disabled={state.kind === 'checking'} onClick={again}>
          {state.kind === 'checking' ? 'Verifying…' : 'Verify again'}
        </button>
      </div>
      {state.kind === 'lost' && <p class="wrong-all">{state.text}</p>}
      <ul class={isPartial ? 'proof is-partial' : 'proof'} aria-label="Steps">
        {(state.kind === 'done' ? state.result.checks : []).map((check) => (
          <Step key={check.name} of={check} />
        ))}
      </ul>
      <dl class="facts proof-facts">
        {ledger !== undefined && (
          <div>
            <dt>Chain</dt>
            <dd>
              #{ledger.seq} · prev <code>{short(ledger.prev)}</code> · leaf <code>{short(ledger.leaf)}</code>
            </dd>
          </div>
        )}
        <FolderCheck runId={receipt.run_id} />
        {signatures.map(({ alg, keyid }) => (
          <div key={alg + keyid}>
            <dt>{visible(alg)}</dt>
            <dd>
              <code>{visible(keyid)}</code>
            </dd>
          </div>
        ))}
      </dl>
    </>
  )
}

export function Verdict({ of }: { readonly of: Result }) {
  const [tone, word] = VERDICTS[of.verdict]
  return <Badge tone={tone}>{word}</Badge>
}

function Step({ of: { name, status, says } }: { readonly of: Check }) {
  const [mark, word] = MARKS[status]
  return (
    <li class={status}>
      <span class="policy-mark" aria-hidden="true">
        {mark}
      </span>
      <span class="proof-name">
        {NAMES[name]}
        <span class="unseen"> {word}: </span>
      </span>
      <span class="muted">
        {status === 'none' && 'Not checked: '}
        <Text>{says}</Text>
      </span>
    </li>
  )
}

function short(hex: string): string {
  return hex.length > 14 ? `${hex.slice(0, 6)}…${hex.slice(-4)}` : hex
}
