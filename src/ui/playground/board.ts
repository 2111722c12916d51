// The asking half of the playground, and the wires between form, engine and answer.
import { openAnswer } from './answer.ts'
import { el } from './dom.ts'
import { openEngine } from './engine.ts'
import type { Field, Scene } from './protocol.ts'
import { SCENES, sceneOf } from './scenes.ts'

const TYPING_MS = 120

/** What a link elsewhere on the page asks the playground to show. */
export interface Request {
  readonly scene: string
  readonly values: Readonly<Record<string, string>>
  readonly frozen: boolean
}

/** Builds it in `place`, and gives the way to fill it from elsewhere. Nothing is loaded before something is typed, picked or pressed. */
export function openBoard(place: HTMLElement): (request: Request) => void {
  let scene: Scene = SCENES[0]!
  let timer: ReturnType<typeof setTimeout> | undefined
  const fields = el('div', { class: 'fields' })
  const examples = el('div', { class: 'examples', role: 'group', 'aria-label': 'Examples' })
  const who = openWho(soon, now)
  const answer = openAnswer(soon, now)
  const ask = openEngine({
    starting: () => answer.status('Loading the engine and PostgreSQL’s parser…'),
    ready: (cards) => answer.learn(cards),
    judged: (verdict) => settle(() => answer.show(verdict)),
    refused: (reason) => settle(() => answer.refuse(reason))
  })
  const tabs = openTabs((id) => {
    enter(sceneOf(id), sceneOf(id).examples[0]!.values)
    now()
  })

  function soon(): void {
    answer.busy(true)
    clearTimeout(timer)
    timer = setTimeout(now, TYPING_MS)
  }
  function now(): void {
    clearTimeout(timer)
    timer = undefined
    answer.busy(true)
    const values = Object.fromEntries(inputs().map((field) => [field.dataset.field!, field.value]))
    ask({ scene: scene.id, values, policies: answer.policies(), ...who.said() })
  }
  function settle(show: () => void): void {
    show()
    if (timer === undefined) answer.busy(false)
  }
  function inputs(): (HTMLInputElement | HTMLTextAreaElement)[] {
    return [...fields.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('[data-field]')]
  }
  function fill(values: Readonly<Record<string, string>>): void {
    for (const field of inputs()) field.value = values[field.dataset.field!] ?? ''
    now()
  }
  function enter(next: Scene, values: Readonly<Record<string, string>>): void {
    scene = next
    answer.enter(next)
    tabs.select(next.id)
    fields.replaceChildren(...next.fields.map((field) => fieldOf(field, values[field.name] ?? '', soon)))
    examples.replaceChildren(
      ...next.examples.map(({ label, values }) => el('button', { type: 'button', onclick: () => fill(values) }, label))
    )
  }

  const button = el('button', { type: 'button', class: 'primary', onclick: now }, 'Judge')
  place.replaceChildren(el('div', { class: 'asked' }, tabs.element, examples, fields, who.element, button), answer.element)
  enter(scene, scene.examples[0]!.values)
  return ({ scene: id, values, frozen }) => {
    who.freeze(frozen)
    enter(sceneOf(id), values)
    now()
  }
}

function openTabs(onPick: (id: string) => void) {
  const radios = SCENES.map(({ id, title }) => ({
    title,
    radio: el('input', { type: 'radio', name: 'scene', value: id, onchange: () => onPick(id) })
  }))
  const legend = el('legend', { class: 'hidden' }, 'What the agent asks for')
  const element = el(
    'fieldset',
    { class: 'tabs' },
    legend,
    ...radios.map(({ title, radio }) => el('label', {}, radio, el('span', {}, title)))
  )
  const select = (id: string) => {
    for (const { radio } of radios) radio.checked = radio.value === id
  }
  return { element, select }
}

/** Who asks, and the one fact that can be set here. */
function openWho(onType: () => void, onSwitch: () => void) {
  const frozen = el('input', { type: 'checkbox', onchange: onSwitch })
  const text = (id: string, placeholder: string) =>
    el('input', { id, autocomplete: 'off', spellcheck: 'false', placeholder, oninput: onType })
  const role = text('pg-role', 'none')
  const clearance = text('pg-clearance', '0')
  const element = el(
    'div',
    { class: 'who' },
    el('label', { class: 'check' }, frozen, ' Code freeze'),
    el('label', {}, 'Role ', role),
    el('label', {}, 'Clearance ', clearance)
  )
  return {
    element,
    said: () => ({ frozen: frozen.checked, role: role.value, clearance: clearance.value }),
    freeze: (isFrozen: boolean) => void (frozen.checked = isFrozen)
  }
}

function fieldOf({ name, label, kind }: Field, value: string, oninput: () => void): HTMLElement {
  const attributes = { id: `pg-${name}`, 'data-field': name, spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', oninput }
  const isLong = kind === 'lines' || kind === 'json'
  const input = isLong ? el('textarea', { ...attributes, rows: kind === 'json' ? 8 : 4 }) : el('input', attributes)
  input.value = value
  return el('div', { class: 'field' }, el('label', { for: `pg-${name}` }, label), input)
}
