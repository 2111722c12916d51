// A verdict as it is shown: icon, word and colour; which policies said what, and the receipt.
import { el, prose } from './dom.ts'
import type { Judgement } from './protocol.ts'

const WORDS = {
  PASS: { className: 'badge pass', text: '✓ PASS', about: 'every policy allows it' },
  BLOCK: { className: 'badge block', text: '✕ BLOCK', about: 'nothing is done' },
  HOLD: { className: 'badge held', text: '◔ HOLD', about: 'a person is asked first' }
} as const
const EFFECTS = {
  allow: { className: 'says pass-text', text: '✓ allow' },
  deny: { className: 'says block-text', text: '✕ deny' },
  ask: { className: 'says held-text', text: '◔ ask' }
} as const

/** The headline. */
export function headline({ decision, results, micros }: Judgement): Node[] {
  const { className, text, about } = WORDS[decision]
  const passed = results.filter((result) => result.passed).length
  const took = micros < 1000 ? `${micros} µs` : `${(micros / 1000).toFixed(1)} ms`
  return [
    el('span', { class: className, 'data-decision': decision }, text),
    el('span', { class: 'muted' }, ` ${about} · ${passed} of ${results.length} policies allow it · ${took}`)
  ]
}

/** What one policy said, for the place under its name. */
export function saying(result: Judgement['results'][number]): Node[] {
  const { className, text } = EFFECTS[result.effect]
  const reason = el('p', { class: className }, el('strong', {}, text), ' ', ...prose(result.reason))
  return result.remedy === undefined ? [reason] : [reason, el('p', { class: 'remedy' }, 'Instead: ', ...prose(result.remedy))]
}

/** Receipt, proof and configuration. */
export function papers({ receipt, digest, proof, config }: Judgement): Node[] {
  const sheet = (title: string, text: string) =>
    el('details', {}, el('summary', {}, title), el('pre', { tabindex: 0, role: 'region', 'aria-label': title }, text))
  return [
    el('p', { class: 'proof' }, receipt === null ? '' : 'Signed: ', proof),
    ...(digest === null ? [] : [el('p', { class: 'proof' }, 'Digest: ', el('code', { 'data-digest': true }, digest))]),
    ...(receipt === null ? [] : [sheet('The receipt', receipt)]),
    sheet('The same in enact.config.ts', config)
  ]
}
