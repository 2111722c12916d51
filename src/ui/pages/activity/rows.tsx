// The table of receipts, approvals that wait on top. Rows have one height each and are filled in place: nothing moves when one is added.
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { standingOf } from '../../parts/standing.ts'
import { fromNow, span, Time } from '../../parts/time.tsx'
import { runName } from '../../receipt/call_name.ts'
import { targetOf } from '../../receipt/target.ts'
import { tookMs } from '../../receipt/took.ts'
import { whyOf } from '../../receipt/why.ts'
import { pathOf } from '../../shell/pages.ts'
import { goTo } from '../../shell/place.ts'
import type { Waiting } from './query.ts'

interface Props {
  readonly receipts: readonly Receipt[]
  readonly waiting: readonly Waiting[]
}

const SHOWN_MAX = 200

/** Long texts are cut in the list alone: the receipt has the whole. */
const short = (text: string) => visible(text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text)

export function Rows({ receipts, waiting }: Props) {
  return (
    <table class="sheet feed">
      <caption class="unseen">Receipts, newest first</caption>
      <thead>
        <tr>
          <th scope="col" class="time">
            Time
          </th>
          <th scope="col" class="decision">
            Decision
          </th>
          <th scope="col" class="action">
            Action
          </th>
          <th scope="col" class="target">
            Target
          </th>
          <th scope="col" class="agent">
            Agent
          </th>
          <th scope="col" class="why">
            Why
          </th>
          <th scope="col" class="took">
            Took
          </th>
        </tr>
      </thead>
      {/* Keyed by place, not by receipt: what is new is written into rows that stand where they stood. */}
      <tbody>
        {waiting.map((one, i) => (
          <WaitingRow key={i} of={one} />
        ))}
        {receipts.map((receipt, i) => (
          <ReceiptRow key={waiting.length + i} of={receipt} />
        ))}
      </tbody>
    </table>
  )
}

function ReceiptRow({ of }: { readonly of: Receipt }) {
  const { tone, word } = standingOf(of)
  const why = whyOf(of)
  const ms = tookMs(of)
  return (
    <Row
      href={`${pathOf('receipt')}?id=${of.run_id}`}
      time={of.timestamp}
      badge={<Badge tone={tone}>{word}</Badge>}
      name={runName(of)}
      target={targetOf(of)}
      agent={of.user_email === '' && of.actor.api_key_id !== null ? `key ${of.actor.api_key_id}` : of.user_email}
      why={why.policy === null ? why.text : `${why.policy}: ${why.text}`}
      took={ms === null ? '–' : span(ms)}
    />
  )
}

function WaitingRow({ of }: { readonly of: Waiting }) {
  return (
    <Row
      href={`${pathOf('approvals')}?id=${of.hitl_id}`}
      time={of.created_at}
      badge={<Badge tone="held">Waiting</Badge>}
      name={of.workflow}
      target="waits for a person"
      agent={of.user_email}
      why={`ends ${fromNow(of.expires_at, Date.now())}`}
      took="–"
      isWaiting
    />
  )
}

interface RowProps {
  readonly href: string
  readonly time: string
  readonly badge: preact.JSX.Element
  readonly name: string
  readonly target: string
  readonly agent: string
  readonly why: string
  readonly took: string
  readonly isWaiting?: boolean
}

function Row({ href, time, badge, name, target, agent, why, took, isWaiting = false }: RowProps) {
  const open = (event: MouseEvent) => {
    const isOnLink = event.target instanceof Element && event.target.closest('a') !== null
    if (isOnLink || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || getSelection()?.isCollapsed === false) return
    goTo(href)
  }
  return (
    // The link in the row is what the keyboard has; a click beside it does the same.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-noninteractive-element-interactions
    <tr class={isWaiting ? 'is-waiting' : undefined} onClick={open}>
      <td class="time mono">
        <Time at={time} />
      </td>
      <td class="decision">{badge}</td>
      <td class="action">
        <a class="mono" href={href} title={visible(name)}>
          {short(name)}
        </a>
      </td>
      <td class="target" title={short(target)}>
        {short(target)}
      </td>
      <td class="agent" title={short(agent)}>
        {agent === '' ? '–' : short(agent)}
      </td>
      <td class="why muted" title={short(why)}>
        {short(why)}
      </td>
      <td class="took mono muted">{took}</td>
    </tr>
  )
}
