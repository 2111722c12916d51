// One channel: where it leads, what it is told, whether it arrives, and what can be done to it.
import { useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { note } from '../../parts/notes.tsx'
import { useSending } from '../../parts/sending.ts'
import { Time } from '../../parts/time.tsx'
import { Said } from '../../parts/told.tsx'
import { send } from '../../shell/api.ts'
import { attemptText } from '../webhooks/wire.ts'
import { KIND, quietText, standingOf, type Channel, type Tested } from './channel.ts'
import { DELIVERIES, SEVERITY, type Changed } from './wire.ts'

interface Props {
  readonly channel: Channel
  onOpen(what: 'change' | 'delete'): void
  onDone(runId: string | null, said: string): Promise<unknown>
  onTested(): Promise<unknown>
}

export function ChannelRow({ channel, onOpen, onDone, onTested }: Props) {
  const { id, kind, name, target, enabled, problem, last_delivery, created_at } = channel
  const sending = useSending()
  const [tested, setTested] = useState<Tested | null>(null)
  const standing = standingOf(channel)
  const called = <span class="unseen"> {name ?? `${KIND[kind].title} ${target}`}</span>
  const toggle = async () => {
    const changed = await sending.run(() => send<Changed>('PATCH', `/alert-channels/${id}`, { enabled: !enabled }))
    if (changed === undefined) note('block', sending.wrong.value ?? 'it could not be switched')
    else await onDone(changed.run_id, enabled ? 'Switched off' : 'Switched on')
  }
  const test = async () => {
    setTested(null)
    const answer = await sending.run(() => send<Tested>('POST', `/alert-channels/${id}/test`, {}))
    if (answer !== undefined) setTested(answer)
    await onTested()
  }
  return (
    <li class="part">
      <div class="row">
        <Badge tone={standing.tone}>{standing.word}</Badge>
        <strong>{KIND[kind].title}</strong>
        {target !== '' && <code class="url">{visible(target)}</code>}
        {name !== null && <span>{visible(name)}</span>}
      </div>
      <p class="muted">
        {toldText(channel)} · since <Time at={created_at} />
      </p>
      {problem !== null && (
        <p class="wrong-all">
          Nothing can be sent by it: <Said text={problem} />
        </p>
      )}
      {last_delivery !== null && (
        <p class="muted">
          Last delivery <Time at={last_delivery.at} />: {DELIVERIES[last_delivery.status].word.toLowerCase()}
          {last_delivery.error !== null && `, ${visible(last_delivery.error)}`}
        </p>
      )}
      <div class="cell-actions">
        <button type="button" disabled={sending.isBusy.value} onClick={() => void test()}>
          Send a test{called}
        </button>
        <button type="button" disabled={sending.isBusy.value} onClick={() => void toggle()}>
          {enabled ? 'Switch off' : 'Switch on'}
          {called}
        </button>
        <button type="button" onClick={() => onOpen('change')}>
          Change…{called}
        </button>
        <button type="button" onClick={() => onOpen('delete')}>
          Delete…{called}
        </button>
      </div>
      <div role="status">
        {tested !== null && <TestSaid tested={tested} />}
        {tested === null && sending.wrong.value !== null && <p class="wrong-all">{visible(sending.wrong.value)}</p>}
      </div>
    </li>
  )
}

function TestSaid({ tested: { status, said, attempts } }: { readonly tested: Tested }) {
  const last = attempts.at(-1)
  return (
    <p class="row">
      <Badge tone={DELIVERIES[status].tone}>{`Test: ${DELIVERIES[status].word.toLowerCase()}`}</Badge>
      {said !== null && <span>{visible(said)}</span>}
      {last !== undefined && <span class="muted">{visible(attemptText(last))}</span>}
    </p>
  )
}

/** What it is told, and when it is not. */
function toldText({ min_severity, rules, quiet_hours }: Channel): string {
  const grave =
    min_severity === 'critical'
      ? 'critical only'
      : min_severity === 'info'
        ? 'every severity'
        : `${SEVERITY[min_severity].word.toLowerCase()} and critical`
  return [
    grave,
    rules.length === 0 ? 'every rule' : rules.map(visible).join(', '),
    ...(quiet_hours === null ? [] : [`quiet ${visible(quietText(quiet_hours))}`])
  ].join(' · ')
}
