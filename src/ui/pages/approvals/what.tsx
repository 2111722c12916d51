// What a request says: its sentence, the reasons, the change, what could go wrong, and everything that happened to it.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { ChangeBox } from '../../parts/change_box.tsx'
import { deedOf } from '../../parts/deed.ts'
import { Facts } from '../../parts/facts.tsx'
import { JsonBox } from '../../parts/json_box.tsx'
import { changesOf } from '../../parts/row_changes.ts'
import { Time } from '../../parts/time.tsx'
import { Said, Told } from '../../parts/told.tsx'
import { entrySentence, votesText } from './history_text.ts'
import { previewText } from './preview_text.ts'
import type { Sight } from './wire.ts'

export function Headline({ sight }: { readonly sight: Sight }) {
  const { workflow, payload, preview, user_email, api_key_id, status } = sight
  return (
    <header class="ask-head">
      <div>
        <h1>
          {deedOf(workflow, payload, preview).map(({ text, isCode }, i) => (isCode ? <code key={i}>{visible(text)}</code> : text))}
          {status === 'PENDING' ? '?' : ''}
        </h1>
        <p class="muted">
          {user_email === '' ? 'A program' : visible(user_email)}
          {user_email !== '' && ' (says the agent)'} · key <code>{visible(api_key_id)}</code> · <code>{visible(workflow)}</code> · asked{' '}
          <Time at={sight.created_at} />
        </p>
      </div>
    </header>
  )
}

export function Asked({ sight }: { readonly sight: Sight }) {
  const { workflow, payload, preview, is_edited } = sight
  const lines = changesOf(workflow, payload, preview)
  const seen = previewText(preview)
  return (
    <div class="card">
      <section>
        <h2>Why you are asked</h2>
        <Why sight={sight} />
      </section>
      <section class="stack-tight">
        <h2>What will change</h2>
        {is_edited && (
          <p>
            <Badge tone="held">Edited</Badge> An approver has changed what was asked for at first; this is the newest.
          </p>
        )}
        {lines !== null && <ChangeBox lines={lines} {...(typeof payload.table === 'string' ? { title: payload.table } : {})} />}
        <p class="muted">
          <Said text={seen.text} />
        </p>
        <details open={lines === null}>
          <summary>Everything that is asked for</summary>
          <JsonBox value={payload} label="What is asked for" />
        </details>
        {seen.hasMore && (
          <details>
            <summary>Everything that was looked up</summary>
            <JsonBox value={preview} label="What was looked up" />
          </details>
        )}
      </section>
      <section>
        <h2>If it goes wrong</h2>
        <Undo sight={sight} />
      </section>
    </div>
  )
}

function Why({ sight: { policy_results } }: { readonly sight: Sight }) {
  const why = policy_results.filter(({ effect }) => effect !== 'allow')
  const passed = policy_results.filter(({ effect }) => effect === 'allow').map(({ policy }) => policy)
  if (policy_results.length === 0) return <p>The agent’s program asks for it; no policy has judged it.</p>
  return (
    <ul class="why">
      {why.map(({ policy, reason, effect, remedy }, i) => (
        <li key={i}>
          {effect === 'deny' && <Badge tone="block">Denied</Badge>} <code>{visible(policy)}</code>: <Said text={reason} />
          {remedy && (
            <span class="under">
              <Said text={remedy} />
            </span>
          )}
        </li>
      ))}
      {why.length === 0 && <li>The agent’s program asks for it; every policy allows it.</li>}
      {passed.length > 0 && (
        <li class="muted">
          {passed.length === 1 ? '1 policy allows' : `${passed.length} policies allow`} it: {passed.map(visible).join(', ')}
        </li>
      )}
    </ul>
  )
}

function Undo({ sight: { consequences = [] } }: { readonly sight: Sight }) {
  if (consequences.length === 0) return <p>Nobody can say whether it can be undone.</p>
  const isFinal = (sentence: string) => sentence.includes('CANNOT')
  const isOpen = (sentence: string) => !sentence.endsWith('can be undone')
  const final = consequences.filter(isFinal)
  const badge =
    final.length > 0 ? (
      <Badge tone="block">Cannot be undone</Badge>
    ) : consequences.some(isOpen) ? null : (
      <Badge tone="undone">Can be rolled back</Badge>
    )
  return (
    <div class="stack-tight">
      <p>
        {badge} {final.length === 0 && badge !== null && 'what was there is captured first'}
      </p>
      <ul>
        {(badge !== null && final.length === 0 ? [] : consequences).map((sentence) => (
          <li key={sentence}>
            <Told text={sentence} />
          </li>
        ))}
      </ul>
    </div>
  )
}

export function History({ sight }: { readonly sight: Sight }) {
  const { history, needed, missing, approvers, status, run_id, request_digest } = sight
  return (
    <div class="card">
      <section>
        <h2>Who decides</h2>
        <Facts
          rows={[
            ['Asked', approvers.map(visible).join(', ')],
            status === 'PENDING' ? ['Votes', votesText(needed, missing)] : null,
            ['Until', <Time at={sight.expires_at} />],
            run_id === null ? null : ['Run', <a href={`/app/receipt?id=${run_id}`}>{run_id}</a>],
            ['Digest', <code>{request_digest}</code>]
          ]}
        />
      </section>
      {history.length > 0 && (
        <section>
          <h2>What happened</h2>
          <ol class="log">
            {history.map((entry, i) => (
              <li key={i}>
                {typeof entry.at === 'string' ? <Time at={entry.at} /> : <span />}
                <span>{visible(entrySentence(entry))}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
    </div>
  )
}
