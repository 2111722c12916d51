// The page on which a person decides: everything that will be done, in full, and the choices that their link has.
import {
  escapeHtml,
  visible,
  wordsOf,
  type ApprovalSight,
  type Hash,
  type Installation,
  type JsonObject,
  type Said
} from '../../engine/index.ts'
import type { Answer } from '../problem.ts'
import { page } from './page.ts'

/** What the page offers: `approve` is both choices, `deny` one, null none. */
export interface Offer {
  /** The link's token, as it came. It goes into the form, so that the address that decides has none. */
  readonly t: string
  readonly choices: 'approve' | 'deny' | null
}

/** The request and its choices. Looking at it changes nothing; without a choice it only shows. */
export function approvalPage(hash: Hash, sight: ApprovalSight, installation: Installation, { t, choices }: Offer): Answer {
  const { hitl_id } = sight
  const facts = `<dl>${wordsOf(sight, installation).map(row).join('')}</dl>`
  const judging = sight.is_judging ? '<p class="status">An edit is being judged; a new message follows.</p>' : ''
  const forms =
    choices === null || sight.is_judging ? '' : decideForm(hitl_id, t, choices) + (choices === 'approve' ? moreForms(sight, t) : '')
  return page(hash, 200, `Decide: ${visible(sight.workflow)}`, `${judging}${facts}${forms}`)
}

/** A sentence and nothing to decide. */
export function statusPage(hash: Hash, status: number, title: string, text: string): Answer {
  return page(hash, status, title, `<p class="status">${escapeHtml(visible(text))}</p>`)
}

function row({ label, text, isCode }: Said): string {
  const shown = escapeHtml(text)
  return `<dt>${escapeHtml(label)}</dt><dd>${isCode ? `<pre>${shown}</pre>` : shown}</dd>\n`
}

function decideForm(hitlId: string, t: string, choices: 'approve' | 'deny'): string {
  const button = (choice: 'approve' | 'deny', label: string) =>
    `<button class="${choice}" formaction="/hitl/${hitlId}/${choice}">${label}</button>`
  return `<form method="post" action="/hitl/${hitlId}/deny" autocomplete="off">
${hidden(t)}
<label for="reason">Reason (goes into the receipt)</label>
<textarea id="reason" name="reason" rows="3" maxlength="2000"></textarea>
${choices === 'approve' ? button('approve', 'Approve') : ''}${button('deny', 'Deny')}
</form>
`
}

function moreForms({ hitl_id, payload, is_redacted }: ApprovalSight, t: string): string {
  const handOn = `<details><summary>Hand it on to another approver</summary>
<form method="post" action="/hitl/${hitl_id}/delegate">
${hidden(t)}
<label for="to">Their address</label><input id="to" name="to" type="email" required>
<button>Hand on</button>
</form></details>
`
  if (is_redacted) return `${handOn}<p class="note">Secrets are not shown, so this cannot be changed here.</p>`
  const text = visibleJson(payload)
  return `${handOn}<details><summary>Change it before approving</summary>
<form method="post" action="/hitl/${hitl_id}/edit">
${hidden(t)}
<label for="payload">All policies judge it again, and everybody is asked anew</label>
<textarea class="code" id="payload" name="payload" rows="12" spellcheck="false">
${escapeHtml(text)}</textarea>
<button>Change</button>
</form></details>
`
}

/** JSON to be edited: what is hidden stands as an escape, which means the same. */
function visibleJson(value: JsonObject): string {
  const escaped = (letter: string) =>
    letter
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('')
  return JSON.stringify(value, null, 2).replace(/[^\n -~]/gu, (letter) => (visible(letter) === letter ? letter : escaped(letter)))
}

function hidden(t: string): string {
  return `<input type="hidden" name="t" value="${escapeHtml(t)}">`
}
