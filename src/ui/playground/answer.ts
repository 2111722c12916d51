// The answering half of the playground: verdict, policies, receipt. It never moves what is being read: what comes late takes the place of something else.
import { el } from './dom.ts'
import type { Judgement, PolicyCard, Scene } from './protocol.ts'
import { policyRow, type Row } from './rows.ts'
import { headline, papers } from './verdict.ts'

/** What the form needs of it. */
export interface Answer {
  readonly element: HTMLElement
  enter(scene: Scene): void
  learn(cards: readonly PolicyCard[]): void
  busy(isBusy: boolean): void
  status(text: string): void
  show(verdict: Judgement): void
  refuse(reason: string): void
  /** The policies that are on, with their parameters. */
  policies(): { readonly id: string; readonly params: Readonly<Record<string, string>> }[]
}

/** Before the first verdict it only names the policies. */
export function openAnswer(onType: () => void, onSwitch: () => void): Answer {
  const head = el('p', { class: 'headline' }, muted('Not judged yet. The engine (0.5 MB) is loaded when you type, pick or press.'))
  const list = el('ul', { class: 'policies' })
  const paper = el('div', { class: 'papers' })
  const element = el(
    'div',
    { class: 'answer', tabindex: 0, role: 'region', 'aria-label': 'Verdict', 'aria-busy': 'false' },
    el('div', { 'aria-live': 'polite', 'aria-atomic': 'true' }, head),
    list,
    paper
  )
  let scene: Scene | null = null
  let rows: readonly Row[] = []
  let cards: ReadonlyMap<string, PolicyCard> = new Map()
  let isJudged = false

  const attach = () => {
    isJudged = true
    list.replaceChildren(...rows.map((row) => row.element))
  }
  return {
    element,
    enter(next) {
      scene = next
      rows = next.policies.map((policy) => policyRow(policy, onType, onSwitch))
      for (const row of rows) row.dress(cards.get(row.id))
      paper.replaceChildren()
      if (isJudged) attach()
      else
        list.replaceChildren(
          ...next.policies.map(({ id, on }) => el('li', { class: on ? '' : 'muted' }, on ? '✓ ' : '– ', el('code', {}, id)))
        )
    },
    learn(given) {
      cards = new Map(given.map((card) => [card.id, card]))
      for (const row of rows) if (row.params() === null) row.dress(cards.get(row.id))
    },
    busy: (isBusy) => element.setAttribute('aria-busy', String(isBusy)),
    status: (text) => head.replaceChildren(muted(text)),
    show(verdict) {
      list.classList.remove('stale')
      for (const row of rows) row.say(verdict)
      if (!isJudged) attach()
      const open = [...paper.querySelectorAll('details')].map((details) => details.open)
      paper.replaceChildren(...papers(verdict))
      for (const [at, details] of [...paper.querySelectorAll('details')].entries()) details.open = open[at] ?? false
      head.replaceChildren(...headline(verdict))
    },
    refuse(reason) {
      // What was said before keeps its place and is not to be seen.
      list.classList.add('stale')
      if (!isJudged) attach()
      paper.replaceChildren()
      head.replaceChildren(el('span', { class: 'badge block', 'data-decision': 'REFUSED' }, '✕ Refused'), muted(` ${reason}`))
    },
    policies: () =>
      rows
        .filter((row) => row.isOn())
        .map((row) => ({ id: row.id, params: row.params() ?? scene?.policies.find(({ id }) => id === row.id)?.params ?? {} }))
  }
}

function muted(text: string): HTMLElement {
  return el('span', { class: 'muted' }, text)
}
