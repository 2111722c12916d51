// A receipt that somebody shared: what may be seen of it, what is hidden, and whether it verifies. Nobody is signed in here.
import { useEffect, useState } from 'preact/hooks'
import type { PublicKey } from '../../../engine/ports.ts'
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Facts } from '../../parts/facts.tsx'
import { fromNow, Time } from '../../parts/time.tsx'
import { counted } from '../../receipt/counted.ts'
import { Problem, send, tell } from '../../shell/api.ts'
import { place } from '../../shell/place.ts'
import { Body } from '../receipt/body.tsx'
import { Head } from '../receipt/head.tsx'
import { Proof, useProof } from '../receipt/proof.tsx'

interface Shared {
  readonly receipt: Receipt
  readonly hidden: readonly string[]
  readonly verification: {
    readonly valid: boolean
    readonly signatures: readonly { readonly keyid: string; readonly alg: string; readonly status: string }[]
    readonly leaf: string
  }
  readonly proof: unknown
  readonly keys: readonly PublicKey[]
  readonly expires_at: string
  readonly shared_by: string
}

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'here'; readonly shared: Shared }
  | { readonly kind: 'gone' }
  | { readonly kind: 'wrong'; readonly text: string }

export default function SharedPage() {
  const token = place.value.fragment
  const [state, set] = useState<State>({ kind: 'asking' })
  useEffect(() => {
    let isOver = false
    set({ kind: 'asking' })
    const ask = token === '' ? Promise.resolve<State>({ kind: 'gone' }) : find(token)
    void ask.then((found) => {
      if (!isOver) set(found)
    })
    return () => {
      isOver = true
    }
  }, [token])
  if (state.kind === 'asking') return <p class="loading">Loading…</p>
  if (state.kind === 'here') return <Here of={state.shared} />
  return (
    <section class="empty">
      <h1>{state.kind === 'gone' ? 'This link shows nothing' : 'The receipt cannot be shown'}</h1>
      <p>{state.kind === 'gone' ? 'It never did, has expired, or was revoked by whoever made it. Ask them for a new one.' : state.text}</p>
    </section>
  )
}

async function find(token: string): Promise<State> {
  try {
    return { kind: 'here', shared: await send<Shared>('POST', '/shared', { token }) }
  } catch (error) {
    if (error instanceof Problem && (error.status === 404 || error.status === 422)) return { kind: 'gone' }
    return { kind: 'wrong', text: tell(error) }
  }
}

const NO_PARAMS = new Map<string, never>()

function Here({ of }: { readonly of: Shared }) {
  const { receipt, hidden, verification, proof, keys, expires_at, shared_by } = of
  const state = useProof({ receipt, teamId: receipt.team_id, evidence: { proof, keys }, isPartial: hidden.length > 0 })
  const own = verification.signatures.map(({ alg, status }) => `${alg} ${status === 'unknown_key' ? 'of an unknown key' : status}`)
  return (
    <>
      <Head receipt={receipt} />
      <div class="card shared-note">
        <section class="stack-tight">
          <p>
            Team <strong>{visible(receipt.team_id)}</strong> shared this receipt
            {shared_by !== '' && `, by ${visible(shared_by)}`}. The link ends{' '}
            <span title={expires_at}>{fromNow(expires_at, Date.now())}</span> (
            <Time at={expires_at} />
            ).
          </p>
          <HiddenParts of={hidden} />
        </section>
      </div>
      <Body
        receipt={receipt}
        hidden={hidden}
        params={NO_PARAMS}
        askedAt={null}
        proof={
          <>
            <Proof receipt={receipt} state={state.state} again={state.again} isPartial={hidden.length > 0} />
            <div class="own-word">
              <h3>What the installation says of the whole receipt</h3>
              <p>
                <Badge tone={verification.valid ? 'pass' : 'block'}>{verification.valid ? 'Verifies' : 'Does not verify'}</Badge>{' '}
                <small>{own.join(', ')}</small>
              </p>
              <Facts rows={[['Leaf', <code key="leaf">{visible(verification.leaf)}</code>]]} />
              {hidden.length > 0 && (
                <p class="muted small">
                  A signature is over all of a receipt: with parts hidden, this browser can check its place in the ledger, and takes the
                  installation’s word that the whole is signed.
                </p>
              )}
            </div>
          </>
        }
      />
    </>
  )
}

function HiddenParts({ of }: { readonly of: readonly string[] }) {
  if (of.length === 0) return <p class="muted">Nothing is hidden: this is the whole receipt.</p>
  return (
    <details class="fold">
      <summary>{counted(of.length, 'part')} hidden by whoever shared it</summary>
      <ul class="hidden-parts">
        {of.map((pointer) => (
          <li key={pointer}>
            <code>{visible(pointer)}</code>
          </li>
        ))}
      </ul>
    </details>
  )
}
