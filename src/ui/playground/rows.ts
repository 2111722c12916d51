// The policies of a scene as rows: on or off, their parameters, and under each what it says.
import { el } from './dom.ts'
import type { Judgement, PolicyCard, Scene } from './protocol.ts'
import { saying } from './verdict.ts'

/** One policy's row. Its parameters come once the catalogue is known. */
export interface Row {
  readonly id: string
  readonly element: HTMLElement
  readonly isOn: () => boolean
  dress(card: PolicyCard | undefined): void
  /** What is typed, or null while there is nothing to type into. */
  params(): Readonly<Record<string, string>> | null
  say(verdict: Judgement): void
}

/** `onType` hears of every keystroke, `onSwitch` of every switch. */
export function policyRow({ id, on, params: given = {} }: Scene['policies'][number], onType: () => void, onSwitch: () => void): Row {
  const box = el('input', { type: 'checkbox', checked: on, onchange: onSwitch })
  const title = el('span', { class: 'muted' })
  const params = el('div', { class: 'params' })
  const said = el('div', { class: 'said' })
  const field = ({ name, kind, initial }: PolicyCard['params'][number]) =>
    el(
      'label',
      {},
      el('code', {}, name),
      el('input', {
        'data-param': name,
        value: given[name] ?? initial,
        autocomplete: 'off',
        spellcheck: 'false',
        inputmode: kind === 'number' ? 'numeric' : 'text',
        placeholder: kind === 'list' ? 'with commas' : 'must be given',
        oninput: onType
      })
    )
  return {
    id,
    element: el('li', { 'data-policy': id }, el('label', { class: 'policy' }, box, el('code', {}, id), ' ', title), params, said),
    isOn: () => box.checked,
    dress(card) {
      if (card === undefined) return
      title.textContent = card.title
      params.replaceChildren(...card.params.map(field))
    },
    params() {
      const inputs = [...params.querySelectorAll<HTMLInputElement>('[data-param]')]
      return inputs.length === 0 ? null : Object.fromEntries(inputs.map((input) => [input.dataset.param!, input.value]))
    },
    say: ({ results }) => said.replaceChildren(...results.filter(({ policy }) => policy === id).flatMap(saying))
  }
}
