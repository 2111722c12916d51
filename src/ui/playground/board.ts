// The playground's form: a kind of request, what is typed, the policies with their parameters, and under each what it says.
import { el } from './dom.ts'
import { openEngine, type Question } from './engine.ts'
import type { Judgement, PolicyCard, Scene } from './protocol.ts'
import { SCENES, sceneOf } from './scenes.ts'
import { headline, papers, saying } from './verdict.ts'

const TYPING_MS = 120

/** What a link elsewhere on the page asks the playground to show. */
export interface Request {
  readonly scene: string
  readonly values: Readonly<Record<string, string>>
  readonly frozen: boolean
}

interface Row {
  readonly id: string
  readonly element: HTMLElement
  readonly on: HTMLInputElement
  readonly title: HTMLElement
  readonly params: HTMLElement
  readonly said: HTMLElement
}

/** Builds it in `place`, and gives the way to fill it from elsewhere. Nothing is loaded before something is typed, picked or pressed. */
export function openBoard(place: HTMLElement): (request: Request) => void {
  let scene: Scene = SCENES[0]!
  let rows: Row[] = []
  let cards: ReadonlyMap<string, PolicyCard> = new Map()
  let timer: ReturnType<typeof setTimeout> | undefined

  const fields = el('div', { class: 'fields' })
  const examples = el('div', { class: 'examples', role: 'group', 'aria-label': 'Examples' })
  const list = el('ul', { class: 'policies' })
  const head = el(
    'p',
    { class: 'headline' },
    el('span', { class: 'muted' }, 'Not judged yet. The engine (0.5 MB) is loaded when you type, pick or press.')
  )
  const paper = el('div', { class: 'papers' })
  const frozen = el('input', { type: 'checkbox', id: 'pg-frozen' })
  const role = el('input', { id: 'pg-role', autocomplete: 'off', spellcheck: false, placeholder: 'none' })
  const clearance = el('input', { id: 'pg-clearance', autocomplete: 'off', inputmode: 'numeric', placeholder: '0' })

  const ask = openEngine({
    starting: () => status('Loading the engine and PostgreSQL’s parser…'),
    ready(given) {
      cards = new Map(given.map((card) => [card.id, card]))
      for (const row of rows) dress(row)
    },
    judged: show,
    refused(reason) {
      for (const { said } of rows) said.replaceChildren()
      paper.replaceChildren()
      head.replaceChildren(
        el('span', { class: 'badge block', 'data-decision': 'REFUSED' }, '✕ Refused'),
        el('span', { class: 'muted' }, ` ${reason}`)
      )
    }
  })

  function status(text: string): void {
    head.replaceChildren(el('span', { class: 'muted' }, text))
  }

  function show(verdict: Judgement): void {
    head.replaceChildren(...headline(verdict))
    for (const { id, said } of rows) said.replaceChildren(...verdict.results.filter(({ policy }) => policy === id).flatMap(saying))
    const open = [...paper.querySelectorAll('details')].map((details) => details.open)
    paper.replaceChildren(...papers(verdict))
    for (const [at, details] of [...paper.querySelectorAll('details')].entries()) details.open = open[at] ?? false
  }

  function question(): Question {
    const values = Object.fromEntries(
      [...fields.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('[data-field]')].map((field) => [
        field.dataset.field!,
        field.value
      ])
    )
    const policies = rows
      .filter(({ on }) => on.checked)
      .map(({ id, params }) => ({ id, params: paramsOf(params) ?? scene.policies.find((one) => one.id === id)?.params ?? defaults(id) }))
    return { scene: scene.id, values, policies, frozen: frozen.checked, role: role.value, clearance: clearance.value }
  }

  function defaults(id: string): Record<string, string> {
    return Object.fromEntries((cards.get(id)?.params ?? []).map(({ name, initial }) => [name, initial]))
  }

  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(now, TYPING_MS)
  }
  function now(): void {
    clearTimeout(timer)
    ask(question())
  }

  /** The parameters' fields, once the catalogue is known. */
  function dress({ id, title, params }: Row): void {
    const card = cards.get(id)
    if (card === undefined || params.childElementCount > 0) return
    title.textContent = card.title
    const given = scene.policies.find((one) => one.id === id)?.params ?? {}
    params.replaceChildren(
      ...card.params.map(({ name, kind, initial }) =>
        el(
          'label',
          {},
          el('code', {}, name),
          el('input', {
            'data-param': name,
            value: given[name] ?? initial,
            autocomplete: 'off',
            spellcheck: false,
            inputmode: kind === 'number' ? 'numeric' : 'text',
            placeholder: kind === 'list' ? 'with commas' : 'must be given',
            oninput: soon
          })
        )
      )
    )
  }

  function rowOf({ id, on: isOn }: Scene['policies'][number]): Row {
    const on = el('input', { type: 'checkbox', checked: isOn, onchange: now })
    const title = el('span', { class: 'muted' })
    const params = el('div', { class: 'params' })
    const said = el('div', { class: 'said' })
    const element = el('li', { 'data-policy': id }, el('label', { class: 'policy' }, on, el('code', {}, id), ' ', title), params, said)
    const row = { id, element, on, title, params, said }
    return row
  }

  function enter(next: Scene, values: Readonly<Record<string, string>>): void {
    scene = next
    rows = scene.policies.map(rowOf)
    for (const row of rows) dress(row)
    list.replaceChildren(...rows.map(({ element }) => element))
    fields.replaceChildren(...scene.fields.map((field) => fieldOf(field, values[field.name] ?? '', soon)))
    examples.replaceChildren(
      ...scene.examples.map(({ label, values }) => el('button', { type: 'button', onclick: () => fill(values) }, label))
    )
    paper.replaceChildren()
    for (const radio of tabs.querySelectorAll('input')) radio.checked = radio.value === scene.id
  }

  function fill(values: Readonly<Record<string, string>>): void {
    for (const field of fields.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('[data-field]'))
      field.value = values[field.dataset.field!] ?? ''
    now()
  }

  const tabs = el('fieldset', { class: 'tabs' }, el('legend', { class: 'hidden' }, 'What the agent asks for'))
  for (const { id, title } of SCENES) {
    const radio = el('input', { type: 'radio', name: 'scene', value: id })
    radio.addEventListener('change', () => {
      const next = sceneOf(id)
      enter(next, next.examples[0]!.values)
      now()
    })
    tabs.append(el('label', {}, radio, el('span', {}, title)))
  }
  for (const input of [role, clearance]) input.addEventListener('input', soon)
  frozen.addEventListener('change', now)

  const who = el(
    'div',
    { class: 'who' },
    el('label', { class: 'check' }, frozen, ' Code freeze'),
    el('label', {}, 'Role ', role),
    el('label', {}, 'Clearance ', clearance)
  )
  place.replaceChildren(
    el('div', { class: 'asked' }, tabs, examples, fields, who, el('button', { type: 'button', class: 'primary', onclick: now }, 'Judge')),
    el(
      'div',
      { class: 'answer', tabindex: 0, role: 'region', 'aria-label': 'Verdict' },
      el('div', { 'aria-live': 'polite', 'aria-atomic': true }, head),
      list,
      paper
    )
  )
  enter(scene, scene.examples[0]!.values)
  return ({ scene: id, values, frozen: isFrozen }) => {
    frozen.checked = isFrozen
    enter(sceneOf(id), values)
    now()
  }
}

function paramsOf(place: HTMLElement): Record<string, string> | null {
  const inputs = [...place.querySelectorAll<HTMLInputElement>('[data-param]')]
  return inputs.length === 0 ? null : Object.fromEntries(inputs.map((input) => [input.dataset.param!, input.value]))
}

function fieldOf({ name, label, kind }: Scene['fields'][number], value: string, oninput: () => void): HTMLElement {
  const attributes = { id: `pg-${name}`, 'data-field': name, spellcheck: false, autocomplete: 'off', autocapitalize: 'off', oninput }
  const isLong = kind === 'lines' || kind === 'json'
  const input = isLong ? el('textarea', { ...attributes, rows: kind === 'json' ? 8 : 4 }) : el('input', attributes)
  input.value = value
  return el('div', { class: 'field' }, el('label', { for: `pg-${name}` }, label), input)
}
