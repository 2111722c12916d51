// Rolling back: first what it would do, then, after a second button, doing it.
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { counted } from '../../receipt/counted.ts'
import { openSteps, stepsOf, WORDS, type Step } from '../../receipt/plan.ts'
import { passedText } from '../../receipt/why.ts'
import { get, Problem, send, tell } from '../../shell/api.ts'
import { pathOf } from '../../shell/pages.ts'
import { countWaiting } from '../../shell/waiting.ts'
import { Text } from './shown.tsx'

interface Answer {
  readonly run_id: string
  readonly status: 'DONE' | 'PENDING' | 'RUNNING'
  readonly hitl_id?: string
  readonly receipt?: Receipt
}

type State =
  | { readonly kind: 'looking' }
  | { readonly kind: 'planned'; readonly receipt: Receipt }
  | { readonly kind: 'rolling' }
  | { readonly kind: 'held'; readonly answer: Answer }
  | { readonly kind: 'done'; readonly receipt: Receipt }
  | { readonly kind: 'wrong'; readonly text: string }

/** What the server's refusals mean for a person. */
const REFUSALS: Readonly<Record<string, string>> = {
  nothing_to_undo: 'There is nothing to undo',
  signature_invalid: 'The receipt does not verify, so nothing that stands in it is executed',
  erased: 'The receipt was erased: what is needed to undo the run is gone with it',
  run_in_progress: 'The run is still going on: try again when it is over',
  forbidden: 'This key may not roll the run back'
}

const WAIT_S = 25

interface Props {
  readonly original: Receipt
  readonly isOpen: boolean
  onClose(): void
  /** Something was rolled back: the original has a new revision. */
  onDone(): void
}

export function RollbackDialog({ original, isOpen, onClose, onDone }: Props) {
  const [state, set] = useState<State>({ kind: 'looking' })
  const key = useRef('')
  const turn = useRef(0)
  const attempt = async (work: () => Promise<State>) => {
    const mine = ++turn.current
    const next = await work().catch((error: unknown): State => ({ kind: 'wrong', text: refusalText(error) }))
    if (mine !== turn.current) return
    set(next)
    if (next.kind === 'done') onDone()
    if (next.kind === 'held') void countWaiting()
  }
  useEffect(() => {
    if (!isOpen) return
    key.current = crypto.randomUUID()
    set({ kind: 'looking' })
    void attempt(() => look(original.run_id))
    return () => void turn.current++
  }, [isOpen])
  const roll = () => {
    set({ kind: 'rolling' })
    void attempt(() => rollBack(original.run_id, key.current))
  }
  return (
    <Dialog title={`Roll back ${visible(original.workflow)}`} isOpen={isOpen} onClose={onClose} isWide>
      <div class="stack" aria-busy={state.kind === 'looking' || state.kind === 'rolling'}>
        <p role="status" class={state.kind === 'looking' || state.kind === 'rolling' ? 'loading' : 'unseen'}>
          {state.kind === 'looking' && 'Looking at what it would do…'}
          {state.kind === 'rolling' && 'Rolling back…'}
          {state.kind === 'done' && resultText(state.receipt)}
        </p>
        {state.kind === 'rolling' && <progress aria-label="Rolling back" />}
        {state.kind === 'wrong' && (
          <p class="wrong-all" role="alert">
            {state.text}
          </p>
        )}
        {state.kind === 'planned' && <Plan receipt={state.receipt} onGo={roll} onClose={onClose} />}
        {state.kind === 'held' && <Held answer={state.answer} />}
        {state.kind === 'done' && <Done receipt={state.receipt} onClose={onClose} />}
      </div>
    </Dialog>
  )
}

function Plan({ receipt, onGo, onClose }: { readonly receipt: Receipt; onGo(): void; onClose(): void }) {
  if (receipt.decision === 'BLOCK') return <Refused receipt={receipt} />
  const steps = stepsOf(receipt)
  const open = openSteps(steps)
  const staying = steps.length - open - steps.filter(({ word }) => word === 'ALREADY').length
  return (
    <>
      <p>
        Nothing has been changed yet: this is what it would do now.
        {receipt.policy_results.length > 0 && ` It is allowed by ${passedText(receipt.policy_results)}.`}
        {receipt.policy_results.some(({ effect }) => effect === 'ask') && ' A person will be asked first.'}
      </p>
      <Steps of={steps} tense="will" />
      {staying > 0 && open > 0 && (
        <p class="note-held">
          {counted(staying, 'step')} cannot be undone: rolling back takes back the others, and says so in its receipt.
        </p>
      )}
      <div class="row">
        <button type="button" class="danger" disabled={open === 0} onClick={onGo}>
          {open === 0 ? 'Nothing can be undone' : `Roll back ${counted(open, 'step')}`}
        </button>
        <button type="button" onClick={onClose}>
          Leave it as it is
        </button>
      </div>
    </>
  )
}

function Refused({ receipt }: { readonly receipt: Receipt }) {
  return (
    <div class="stack">
      <p class="wrong-all">Policy does not allow this rollback: nothing was undone.</p>
      <ul class="stack-tight">
        {receipt.policy_results
          .filter(({ passed }) => !passed)
          .map(({ policy, reason }, i) => (
            <li key={i}>
              <code>{visible(policy)}</code> <Text>{reason}</Text>
            </li>
          ))}
        {receipt.error !== undefined && (
          <li>
            <code>{visible(receipt.error.code)}</code> <Text>{receipt.error.message}</Text>
          </li>
        )}
      </ul>
      <p>
        <a href={`${pathOf('receipt')}?id=${receipt.run_id}`}>Its receipt</a>
      </p>
    </div>
  )
}

function Steps({ of, tense }: { readonly of: readonly Step[]; readonly tense: 'will' | 'did' }) {
  const words = [...new Set(of.map(({ word }) => word))]
  if (of.length === 0) return <p>Everything that could be undone has been undone already.</p>
  return (
    <>
      <ol class="plan" aria-label="Steps, those that cannot be undone first">
        {of.map(({ word, call, target, message }, i) => (
          <li key={i}>
            <Badge tone={tense === 'did' && word === 'REVERTED' ? 'undone' : WORDS[word].tone}>{WORDS[word][tense]}</Badge>
            <span>
              <code>{visible(call)}</code> {target !== null && <Text>{target}</Text>}
              {message !== null && (
                <small class="plan-message">
                  <Text>{message}</Text>
                </small>
              )}
            </span>
          </li>
        ))}
      </ol>
      <dl class="facts wide small">
        {words.map((word) => (
          <div key={word}>
            <dt>{WORDS[word][tense]}</dt>
            <dd>{WORDS[word].means}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function Held({ answer: { hitl_id, run_id } }: { readonly answer: Answer }) {
  const href = hitl_id === undefined ? pathOf('approvals') : `${pathOf('approvals')}?id=${hitl_id}`
  return (
    <div class="stack">
      <p>
        <Badge tone="held">Waiting</Badge> A policy wants a registered approver to approve this rollback. They were told; it goes on by
        itself once somebody has, and never by whoever asked for it.
      </p>
      <p class="row">
        <a class="button" href={href}>
          See what waits
        </a>
        <small>
          <code>{run_id}</code>
        </small>
      </p>
    </div>
  )
}

function Done({ receipt, onClose }: { readonly receipt: Receipt; onClose(): void }) {
  if (receipt.decision === 'BLOCK') return <Refused receipt={receipt} />
  return (
    <>
      <p>
        <strong>{resultText(receipt)}</strong>
      </p>
      <Steps of={stepsOf(receipt)} tense="did" />
      <div class="row">
        <a class="button" href={`${pathOf('receipt')}?id=${receipt.run_id}`}>
          Receipt of the rollback
        </a>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </>
  )
}

function resultText({ actions_taken, decision }: Receipt): string {
  if (decision === 'BLOCK') return 'The rollback was blocked: nothing was undone.'
  const undone = actions_taken.filter(({ status }) => status === 'REVERTED' || status === 'ALREADY').length
  return undone === actions_taken.length
    ? 'Rolled back: everything is as it was.'
    : `${undone} of ${counted(actions_taken.length, 'step')} undone.`
}

async function look(runId: string): Promise<State> {
  const answer = await settled(await send<Answer>('POST', `/runs/${runId}/rollback`, { dry_run: true }))
  return answer.receipt === undefined ? { kind: 'held', answer } : { kind: 'planned', receipt: answer.receipt }
}

async function rollBack(runId: string, key: string): Promise<State> {
  const answer = await settled(await send<Answer>('POST', `/runs/${runId}/rollback`, {}, key))
  return answer.receipt === undefined ? { kind: 'held', answer } : { kind: 'done', receipt: answer.receipt }
}

/** Waits for a run that goes on; one that waits for a person comes back as it is. */
async function settled(first: Answer): Promise<Answer> {
  let answer = first
  while (answer.status === 'RUNNING') answer = await get<Answer>(`/runs/${first.run_id}`, { wait: WAIT_S })
  return answer
}

function refusalText(error: unknown): string {
  const words = error instanceof Problem ? REFUSALS[error.code] : undefined
  return words === undefined ? tell(error) : `${words}: ${tell(error)}`
}
