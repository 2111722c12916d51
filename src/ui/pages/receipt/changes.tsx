// What changed: one box for each call, with rows and files as diffs.
import type { Receipt } from '../../../engine/schema.ts'
import { visible } from '../../../engine/visible.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { changesOf, type Change, type Line } from '../../receipt/changes.ts'
import { counted } from '../../receipt/counted.ts'
import { JsonText, Text } from './shown.tsx'

const LINES_SHOWN = 20

const STATUS: Readonly<Record<Change['status'], readonly [Tone, string]>> = {
  DONE: ['pass', 'Done'],
  ALREADY: ['none', 'As wished already'],
  FAILED: ['block', 'Failed'],
  UNKNOWN: ['held', 'Not known'],
  SKIPPED: ['none', 'Not done'],
  REVERTED: ['undone', 'Undone'],
  CONFLICT: ['held', 'Conflict'],
  IRREVERSIBLE: ['block', 'Cannot be undone']
}

interface Props {
  readonly receipt: Receipt
  readonly hidden: readonly string[]
}

export function Changes({ receipt, hidden }: Props) {
  const changes = changesOf(receipt)
  if (changes.length === 0) return <p class="muted">{nothingText(receipt)}</p>
  return (
    <ol class="effects">
      {changes.map((change, i) => (
        <li key={i} class="effect">
          <Head of={change} />
          {change.lines.length > 0 && <Lines of={change.lines} label={`Lines of call ${i + 1}, ${change.call}`} />}
          {hidden.includes(`/actions_taken/${i}/output`) && <p class="muted">What it changed is hidden by whoever shared this.</p>}
          {change.rest !== null && <JsonText value={change.rest} label={`Answer of call ${i + 1}, ${change.call}`} />}
          {change.error !== null && (
            <p class="wrong-all">
              <code>{visible(change.error.code)}</code> <Text>{change.error.message}</Text>
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}

function Head({ of: { call, status, title, detail, href, sign, undo } }: { readonly of: Change }) {
  const [tone, word] = STATUS[status]
  return (
    <p class="effect-head">
      <code>{visible(call)}</code>
      <span>
        {sign !== null && <span class={sign === '+' ? 'sign plus' : 'sign minus'}>{sign} </span>}
        {title !== call && (href === null ? <Text>{title}</Text> : <Outside href={href}>{title}</Outside>)}
        {detail !== null && <span class="muted"> · {visible(detail)}</span>}
      </span>
      <span class="effect-status">
        {undo === 'irreversible' && <small>cannot be undone</small>}
        <Badge tone={tone}>{word}</Badge>
      </span>
    </p>
  )
}

function Outside({ href, children }: { readonly href: string; readonly children: string }) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener">
      {visible(children)}
    </a>
  )
}

/** The first lines, and the others behind a fold: all of them are here. */
export function Lines({ of, label }: { readonly of: readonly Line[]; readonly label: string }) {
  const rest = of.slice(LINES_SHOWN)
  return (
    // A box that scrolls must be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div class="diff" tabIndex={0} role="region" aria-label={label}>
      {of.slice(0, LINES_SHOWN).map((line, i) => (
        <LineText key={i} of={line} />
      ))}
      {rest.length > 0 && (
        <details class="fold">
          <summary>{counted(rest.length, 'more line')}</summary>
          {rest.map((line, i) => (
            <LineText key={i} of={line} />
          ))}
        </details>
      )}
    </div>
  )
}

const SIGNS = { '-': 'removed', '+': 'added', ' ': '' } as const

function LineText({ of: { sign, parts } }: { readonly of: Line }) {
  return (
    <div class={`line ${sign === '-' ? 'minus' : sign === '+' ? 'plus' : 'same'}`}>
      <span aria-hidden="true">{sign} </span>
      {sign !== ' ' && <span class="unseen">{SIGNS[sign]}: </span>}
      {parts.map(({ text, isChanged, isRedacted }, i) => {
        const shown = text.length > 600 ? <Text>{text}</Text> : visible(text)
        if (isRedacted) {
          return (
            <span key={i} class="redacted" title="Redacted before it was signed">
              {shown}
            </span>
          )
        }
        return isChanged ? <mark key={i}>{shown}</mark> : <span key={i}>{shown}</span>
      })}
    </div>
  )
}

function nothingText({ decision, outcome, workflow }: Receipt): string {
  if (decision === 'BLOCK' && outcome === 'NONE') return 'Nothing: it was stopped before anything was done.'
  if (outcome === 'UNKNOWN') return 'Nobody knows: look at the systems by hand.'
  if (workflow.startsWith('approval:')) return 'Nothing by itself: this is the record of a decision.'
  return 'No call was made.'
}
