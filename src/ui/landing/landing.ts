// The landing page's script: the playground's form, the player's controls and the copy buttons. Without it the page reads as well.
import { openBoard } from '../playground/board.ts'
import { openPlayer } from './player.ts'

const byId = (id: string) => document.querySelector<HTMLElement>(`#${id}`)

const board = byId('board')
if (board !== null) {
  const fill = openBoard(board)
  // "Try it" of an incident: the same request, in the playground.
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-scene]')) {
    link.addEventListener('click', () => {
      const { scene = '', field = '', value = '', frozen } = link.dataset
      fill({ scene, values: { [field]: value }, frozen: frozen !== undefined })
    })
  }
}

const [screen, controls] = [byId('screen'), byId('controls')]
if (screen !== null && controls !== null) openPlayer(screen, controls, '/demo.cast')

for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', () => {
    const text = byId(button.dataset.copy ?? '')?.textContent ?? ''
    navigator.clipboard.writeText(text).then(
      () => (button.textContent = 'Copied'),
      () => (button.textContent = 'Select and copy')
    )
  })
}
