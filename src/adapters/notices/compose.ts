// A notice in words, for mail and Slack alike: the same facts as on the page, every hidden character marked, every text escaped.
import { askerOf, escapeHtml, visible, wordsOf, type ApprovalSight, type Installation } from '../../engine/index.ts'

/** What a notice says, without its address and links. */
export interface Composed {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** The links of one person: `t` names the team, so that nothing has to be looked up to find the approval. */
export function linksOf(origin: string, { team_id, hitl_id }: ApprovalSight, tokens: { approve: string; deny: string }) {
  const link = (choice: 'approve' | 'deny') => `${origin}/hitl/${hitl_id}/${choice}?t=${team_id}.${tokens[choice]}`
  return { approve: link('approve'), deny: link('deny') }
}

const WHY = {
  asked: 'Please decide',
  reminded: 'Still waiting for you',
  escalated: 'Nobody has decided yet',
  delegated: 'Handed on to you',
  changed: 'Changed: please decide anew'
} as const

/** A notice about a request that waits. The links are in `html` and `text` of mail only: `links` null leaves them out. */
export function composeAsk(
  sight: ApprovalSight,
  installation: Installation,
  why: keyof typeof WHY,
  links: { readonly approve: string; readonly deny: string } | null
): Composed {
  const words = wordsOf(sight, installation)
  const subject = `${WHY[why]}: ${oneLine(sight.workflow)} for ${oneLine(askerOf(sight))}`
  const said = words.map(({ label, text, isCode }) => (isCode ? `${label}:\n${text.replaceAll(/^/gm, '    ')}` : `${label}: ${text}`))
  const rows = words.map(({ label, text, isCode }) =>
    isCode
      ? `<dt>${escapeHtml(label)}</dt><dd><pre>${escapeHtml(text)}</pre></dd>`
      : `<dt>${escapeHtml(label)}</dt><dd>${escapeHtml(text)}</dd>`
  )
  const choices = links === null ? [] : ['', `To approve or deny: ${links.approve}`, `Only to deny: ${links.deny}`, '', BOUND]
  const buttons =
    links === null
      ? ''
      : `<p><a href="${escapeHtml(links.approve)}">Look and decide</a> · <a href="${escapeHtml(links.deny)}">Deny</a></p><p>${BOUND}</p>`
  return {
    subject,
    text: [`An agent asks for \`${visible(sight.workflow)}\`.`, '', ...said, ...choices].join('\n'),
    html: `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(subject)}</title><h1>${escapeHtml(subject)}</h1><dl>${rows.join('')}</dl>${buttons}</html>`
  }
}

const BOUND = 'These links are yours alone: do not forward this message. Opening one changes nothing.'

/** What a message says once it cannot decide any more. */
export function composeEnd(sight: ApprovalSight, why: 'decided' | 'changed' | 'delegated'): string {
  const { workflow, status, decided_by } = sight
  const what = `${oneLine(workflow)} for ${oneLine(askerOf(sight))}`
  if (why === 'changed') return `Changed: ${what}. A newer message has the buttons.`
  if (why === 'delegated') return `Handed on to somebody else: ${what}.`
  const by = decided_by === null ? 'nobody decided in time' : `by ${oneLine(decided_by)}`
  return `${status}: ${what}, ${by}.`
}

/** For subjects and headlines: no more than fits, nothing hidden, no line breaks. */
function oneLine(text: string): string {
  const shown = visible(text)
  return shown.length > 100 ? `${shown.slice(0, 99).toWellFormed()}…` : shown
}
