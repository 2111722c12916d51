// The page on which a person decides: everything that will be done, in full, and the choices that their link has.
import { escapeHtml, visible, wordsOf, type ApprovalSight, type Hash, type Installation, type Said } from '../../engine/index.ts'
import type { Answer } from '../problem.ts'
import { changesOf, NO_CHANGES } from './changes.ts'
import { decideForm, moreForms } from './forms.ts'
import { headlineOf } from './headline.ts'
import { page } from './page.ts'

/** What the page offers: `approve` is both choices, `deny` one, null none. */
export interface Offer {
  /** The link's token, as it came. It goes into the form, so that the address that decides has none. */
  readonly t: string
  readonly choices: 'approve' | 'deny' | null
  /** When it is looked at: the page says how much time is left. */
  readonly now: number
}

/** In the order to be read. INVARIANT: what no part names stands in the last: nothing that is said is left out. */
const PARTS: readonly { readonly title: string; readonly labels: readonly string[] }[] = [
  { title: 'Why you are asked', labels: ['A policy denies it', 'Why you are asked', 'Changed', 'Needs', 'Decided so far'] },
  { title: 'What will change', labels: ['What', 'With', 'What it touches'] },
  { title: 'If it goes wrong', labels: ['Afterwards'] },
  { title: 'The request', labels: [] }
]

/** The request and its choices. Looking at it changes nothing; without a choice it only shows. */
export function approvalPage(hash: Hash, sight: ApprovalSight, installation: Installation, { t, choices, now }: Offer): Answer {
  const said = wordsOf(sight, installation)
  const { text, html } = headlineOf(sight, installation)
  const asks = said.find(({ label }) => label === 'Asks')
  const sub = `<p class="sub">${asks === undefined ? '' : escapeHtml(asks.text)}</p>`
  const judging = sight.is_judging ? '<p class="status">An edit is being judged; a new message follows.</p>' : ''
  const parts = PARTS.map((part) =>
    section(
      part.title,
      said.filter((one) => partOf(one) === part),
      sight
    )
  ).join('')
  const forms =
    choices === null || sight.is_judging ? '' : decideForm(sight.hitl_id, t, choices) + (choices === 'approve' ? moreForms(sight, t) : '')
  return page(hash, 200, {
    title: text,
    heading: html,
    corner: cornerOf(sight, now),
    body: `${sub}${judging}<div class="card">${parts}</div>${forms}`
  })
}

/** A sentence and nothing to decide. */
export function statusPage(hash: Hash, status: number, title: string, text: string): Answer {
  return page(hash, status, { title, body: `<p class="status">${escapeHtml(visible(text))}</p>` })
}

function partOf({ label }: Said): (typeof PARTS)[number] {
  return PARTS.find(({ labels }) => labels.includes(label)) ?? PARTS.at(-1)!
}

function section(title: string, said: readonly Said[], sight: ApprovalSight): string {
  if (said.length === 0) return ''
  const changes = title === 'What will change' ? changesOf(sight.preview) : NO_CHANGES
  const isShort = title === PARTS.at(-1)!.title
  const html = said.map((one) => {
    if (one.label === 'What it touches' && changes.html !== '') return folded(one, changes.isWhole)
    if (one.label === 'Afterwards') return `<p>${consequence(one.text)} ${escapeHtml(one.text)}</p>\n`
    return one.label === title ? `<p>${shown(one)}</p>\n` : `<dl${isShort ? ' class="short"' : ''}>${row(one)}</dl>\n`
  })
  // Neighbours are one list.
  return `<section><h2>${title}</h2>${changes.html}${html.join('').replaceAll(/<\/dl>\n<dl[^>]*>/g, '')}</section>\n`
}

function row(said: Said): string {
  return `<dt>${escapeHtml(said.label)}</dt><dd${said.label === 'A policy denies it' ? ' class="deny-text"' : ''}>${shown(said)}</dd>\n`
}

function shown({ text, isCode }: Said): string {
  return isCode ? `<pre>${escapeHtml(text)}</pre>` : escapeHtml(text)
}

/** What stands above line by line, once more as it was looked up: closed where nothing is in it that was not read already. */
function folded({ label, text }: Said, isWhole: boolean): string {
  return `<details${isWhole ? '' : ' open'}><summary>${escapeHtml(label)}, as it was looked up</summary><pre>${escapeHtml(text)}</pre></details>\n`
}

/** The words are the engine's (`consequencesOf`): an action's id, and what is true of it. The badge says the same at a glance. */
function consequence(text: string): string {
  const [, rest = ''] = /^[\w.:-]+ (.*)$/.exec(text) ?? []
  const { className, word } = Object.hasOwn(BADGES, rest) ? BADGES[rest]! : { className: 'held', word: '◔ Not known' }
  return `<span class="badge ${className}">${word}</span>`
}

const BADGES: Readonly<Record<string, { readonly className: string; readonly word: string }>> = {
  'can be undone': { className: 'undone', word: '↺ Can be rolled back' },
  'CANNOT be undone': { className: 'block', word: '✕ Cannot be rolled back' },
  'only reads': { className: 'pass', word: '✓ Changes nothing' }
}

function cornerOf({ status, expires_at }: ApprovalSight, now: number): string {
  if (status !== 'PENDING') return `<span class="badge">${status}</span>`
  return `<span class="badge held">◔ ${leftText(Date.parse(expires_at) - now)}</span>`
}

/** `14 min left`: rounded down, so that nobody counts on time that is not there. */
export function leftText(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return 'under a minute left'
  if (minutes < 60) return `${minutes} min left`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min left`
  return `${Math.floor(hours / 24)} days left`
}
