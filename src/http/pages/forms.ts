// The forms of an approval: decide, hand on, change. Each carries the link's token in its body, so that no address that decides has it.
import { escapeHtml, visible, type ApprovalSight, type JsonObject } from '../../engine/index.ts'

/** Both choices or deny alone. A form sent without a button denies. */
export function decideForm(hitlId: string, t: string, choices: 'approve' | 'deny'): string {
  const button = (choice: 'approve' | 'deny', label: string) =>
    `<button class="${choice}" formaction="/hitl/${hitlId}/${choice}">${label}</button>`
  return `<form method="post" action="/hitl/${hitlId}/deny" autocomplete="off">
${hidden(t)}
<label for="reason">Reason (goes into the receipt)</label>
<textarea id="reason" name="reason" rows="2" maxlength="2000"></textarea>
${choices === 'approve' ? button('approve', 'Approve') : ''}${button('deny', 'Deny')}
<p class="note">Counts once, and for exactly this request. Who decides stands in the receipt.</p>
</form>
`
}

/** To another person, or with another payload. */
export function moreForms({ hitl_id, payload, is_redacted }: ApprovalSight, t: string): string {
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
