// One receipt: what happened, why it was allowed, that it is so, and how to take it back.
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { JsonObject, Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Copy } from '../../parts/copy.tsx'
import { Facts } from '../../parts/facts.tsx'
import { useResource } from '../../parts/resource.ts'
import { Trouble } from '../../parts/trouble.tsx'
import { isUndoable } from '../../receipt/undoable.ts'
import { get, Problem } from '../../shell/api.ts'
import { KeysLine, useShortcuts } from '../../shell/keys.tsx'
import { pathOf } from '../../shell/pages.ts'
import { goTo, place } from '../../shell/place.ts'
import { has, may } from '../../shell/session.ts'
import { Body } from './body.tsx'
import { Head } from './head.tsx'
import { Proof, useProof } from './proof.tsx'
import { Raw } from './raw.tsx'
import { RelatedPart, type Related } from './related.tsx'
import { Revisions } from './revisions.tsx'
import { RollbackDialog } from './rollback.tsx'
import { ShareDialog } from './share.tsx'

/** What was answered: the receipt, or where it stood before it was erased. */
type Found =
  | { readonly kind: 'receipt'; readonly receipt: Receipt; readonly newest: number }
  | { readonly kind: 'erased'; readonly problem: Problem }

export default function ReceiptPage() {
  const { params } = place.value
  const id = params.get('id') ?? ''
  const revision = /^\d{1,9}$/.test(params.get('revision') ?? '') ? Number(params.get('revision')) : null
  const { value, problem, reload } = useResource((stop) => find(id, revision, stop), [id, revision])
  if (id === '') return <Trouble text="the address names no receipt: `?id=` is missing" />
  const found = value.value
  if (problem.value !== null && found === undefined) return <Missing text={problem.value} again={() => void reload()} />
  if (found === undefined) return <p class="loading">Loading…</p>
  if (found.kind === 'erased') return <Erased of={found.problem} />
  return <Shown receipt={found.receipt} newest={found.newest} onChange={() => void reload()} />
}

async function find(id: string, revision: number | null, stop: AbortSignal): Promise<Found> {
  if (id === '') throw new Problem(404, 'not_found', 'there is no receipt without an id')
  const path = `/receipts/${encodeURIComponent(id)}`
  try {
    const receipt = await get<Receipt>(path, { revision }, stop)
    const newest = revision === null ? receipt.revision : (await get<Receipt>(path, {}, stop)).revision
    return { kind: 'receipt', receipt, newest }
  } catch (error) {
    if (error instanceof Problem && error.code === 'erased') return { kind: 'erased', problem: error }
    throw error
  }
}

interface ShownProps {
  readonly receipt: Receipt
  readonly newest: number
  onChange(): void
}

type Opened = null | 'rollback' | 'share'

function Shown({ receipt, newest, onChange }: ShownProps) {
  const { run_id, team_id } = receipt
  const [opened, open] = useState<Opened>(null)
  const proof = useProof({ receipt, teamId: team_id, isNewest: receipt.revision === newest })
  const beside = useBeside(receipt)
  const rolledBack = beside?.related.find((one) => one.run_id === receipt.links.rolled_back_by)
  const canRollBack =
    has('rollback') && may('run', 'admin') && isUndoable(receipt) && (rolledBack === undefined || rolledBack.decision !== 'PASS')
  const again = useRef(proof.again)
  again.current = proof.again
  const shortcuts = useMemo(
    () => [
      { key: 'v', says: 'verify again', run: () => again.current() },
      ...(canRollBack ? [{ key: 'u', says: 'roll back', run: () => open('rollback') }] : []),
      { key: 'b', says: 'back to the activity', run: () => goTo(pathOf('activity')) }
    ],
    [canRollBack]
  )
  useShortcuts(shortcuts)
  // All at once, so that nothing moves under who has begun to read.
  if (beside === null) {
    return (
      <p key="loading" class="loading">
        Loading…
      </p>
    )
  }
  return (
    <>
      <Head receipt={receipt}>
        <Copy text={`${location.origin}${pathOf('receipt')}?id=${run_id}`}>Copy link</Copy>
        {has('shares') && may('audit') && (
          <button type="button" onClick={() => open('share')}>
            Share…
          </button>
        )}
        {canRollBack && (
          <button type="button" class="danger" onClick={() => open('rollback')}>
            Roll back…
          </button>
        )}
      </Head>
      <Revisions runId={run_id} shown={receipt.revision} newest={newest} />
      <Body
        receipt={receipt}
        params={beside.params}
        askedAt={beside.askedAt}
        proof={<Proof receipt={receipt} state={proof.state} again={proof.again} />}
        related={
          beside.related.length === 0 ? null : <RelatedPart of={beside.related} rolledBackBy={receipt.links.rolled_back_by ?? null} />
        }
      />
      <Raw receipt={receipt} />
      <p class="muted small run-id">
        Run <code>{visible(run_id)}</code>
      </p>
      <KeysLine />
      {/* What came of it stays to be read, though there is nothing left to roll back. */}
      {(canRollBack || opened === 'rollback') && (
        <RollbackDialog original={receipt} isOpen={opened === 'rollback'} onClose={() => open(null)} onDone={onChange} />
      )}
      <ShareDialog runId={run_id} isOpen={opened === 'share'} onClose={() => open(null)} />
    </>
  )
}

interface Beside {
  readonly related: readonly Related[]
  readonly params: ReadonlyMap<string, JsonObject>
  readonly askedAt: number | null
}

/** What stands beside a receipt, each where the server has it; without it the receipt is whole all the same. Null until it is known. */
function useBeside(receipt: Receipt): Beside | null {
  const [beside, set] = useState<Beside | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const ask = async <T,>(isThere: boolean, path: string): Promise<T | null> =>
      isThere ? get<T>(path, {}, stop.signal).catch(() => null) : null
    const hitl = receipt.approval?.hitl_id
    void Promise.all([
      ask<{ data: readonly Related[] }>(has('search'), `/receipts/${receipt.run_id}/related`),
      ask<{ data: readonly { policy: string; params: JsonObject }[] }>(has('policies') && may('read'), '/policies'),
      ask<Receipt>(has('approvals') && hitl !== undefined && hitl !== receipt.run_id, `/hitl/${hitl}/receipt`)
    ]).then(([related, policies, approval]) => {
      if (stop.signal.aborted) return
      const created = approval?.payload.created_at
      const asked = typeof created === 'string' ? Date.parse(created) : Number.NaN
      set({
        related: related?.data ?? [],
        params: new Map((policies?.data ?? []).map(({ policy, params }) => [policy, params])),
        askedAt: Number.isNaN(asked) ? null : asked
      })
    })
    return () => stop.abort()
  }, [receipt])
  return beside
}

function Missing({ text, again }: { readonly text: string; again(): void }) {
  return (
    <>
      <div class="page-head">
        <h1>Receipt</h1>
      </div>
      <Trouble text={text} again={again} />
    </>
  )
}

/** Everything that a problem document may tell of a receipt that is gone. */
function Erased({ of: { message, body } }: { readonly of: Problem }) {
  const told = ['erased_at', 'erased_by', 'seq', 'leaf'].filter((name) => body[name] !== undefined)
  const by = typeof body.erased_by === 'string' ? body.erased_by : null
  return (
    <>
      <div class="page-head">
        <h1>This receipt was erased</h1>
      </div>
      <div class="card">
        <section class="stack">
          <p>{visible(message)}</p>
          <p class="muted">Its leaf and its place in the ledger stay, so that the ledger can still be proven; what it said is gone.</p>
          <Facts rows={told.map((name) => [name.replace('_', ' '), <code key={name}>{visible(String(body[name]))}</code>] as const)} />
          {by !== null && (
            <p>
              <a href={`${pathOf('receipt')}?id=${encodeURIComponent(by)}`}>The receipt that says who erased it, and why</a>
            </p>
          )}
        </section>
      </div>
    </>
  )
}
