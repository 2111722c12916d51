// Plays the demo's recording: play and pause, seek, act by act. The page itself has the end state as text, for whoever cannot or will not watch.
import { el } from '../playground/dom.ts'
import { readCast, screenAt, type Piece, type Recording } from './cast.ts'

/** Each act stands for a moment before the next. */
const BETWEEN_ACTS_MS = 2_500

/** Adds the controls. The recording is fetched when they are first used. */
export function openPlayer(screen: HTMLElement, controls: HTMLElement, address: string): void {
  const still = matchMedia('(prefers-reduced-motion: reduce)')
  const end = [...screen.childNodes].map((node) => node.cloneNode(true))
  let recording: Recording | null = null
  let atMs = 0
  let before = 0
  let frame = 0
  let printed = -1

  const play = el('button', { type: 'button', class: 'primary', onclick: () => void toggle() }, 'Play')
  const seek = el('input', {
    type: 'range',
    min: 0,
    max: 100,
    value: 0,
    step: 1,
    'aria-label': 'Position',
    oninput: () => void jump(Number(seek.value) / 100)
  })
  const now = el('output', { class: 'muted', 'aria-live': 'off' }, 'the whole text')
  const step = (label: string, by: 1 | -1) => el('button', { type: 'button', onclick: () => void act(by) }, label)
  const whole = el('button', { type: 'button', onclick: () => showAll() }, 'Whole text')
  controls.replaceChildren(play, step('Previous act', -1), step('Next act', 1), whole, seek, now)

  async function load(): Promise<Recording> {
    if (recording !== null) return recording
    const response = await fetch(address)
    if (!response.ok) throw new Error('the recording could not be loaded')
    recording = spaced(readCast(await response.text()))
    return recording
  }

  async function toggle(): Promise<void> {
    if (frame !== 0) return pause()
    // Whoever wants no motion steps from act to act.
    if (still.matches) return act(1)
    const { lengthMs } = await load()
    if (printed === -1 || atMs >= lengthMs) atMs = 0
    before = performance.now()
    play.textContent = 'Pause'
    frame = requestAnimationFrame(tick)
    draw()
  }

  function pause(): void {
    cancelAnimationFrame(frame)
    frame = 0
    play.textContent = 'Play'
  }

  function tick(time: number): void {
    atMs += Math.max(0, time - before)
    before = time
    draw()
    if (atMs >= recording!.lengthMs) pause()
    else frame = requestAnimationFrame(tick)
  }

  function draw(): void {
    const { frames, acts, lengthMs } = recording!
    const count = frames.filter((one) => one.atMs <= atMs).length
    seek.value = String(Math.round((atMs / lengthMs) * 100))
    const current = acts.findLast((one) => one.atMs <= atMs)
    now.textContent = `${(Math.min(atMs, lengthMs) / 1000).toFixed(0)} of ${(lengthMs / 1000).toFixed(0)} s${current === undefined ? '' : ` · ${current.title}`}`
    seek.setAttribute('aria-valuetext', now.textContent)
    if (count === printed) return
    printed = count
    screen.replaceChildren(...screenAt(recording!, atMs).map(spanOf))
    screen.scrollTop = screen.scrollHeight
  }

  async function jump(share: number): Promise<void> {
    pause()
    atMs = share * (await load()).lengthMs
    draw()
  }

  async function act(by: 1 | -1): Promise<void> {
    pause()
    const { acts, lengthMs } = await load()
    const from = printed === -1 ? -1 : atMs
    const next = by === 1 ? acts.find((one) => one.atMs > from) : acts.findLast((one) => one.atMs < from)
    atMs = next?.atMs ?? (by === 1 ? lengthMs : 0)
    draw()
  }

  function showAll(): void {
    pause()
    printed = -1
    atMs = 0
    seek.value = '0'
    now.textContent = 'the whole text'
    screen.replaceChildren(...end.map((node) => node.cloneNode(true)))
    screen.scrollTop = 0
  }
}

/** Acts that came in one breath, apart: the machine was faster than a reader. */
function spaced({ frames, acts, lengthMs }: Recording): Recording {
  const later = (atMs: number) => atMs + acts.filter((one) => one.atMs <= atMs).length * BETWEEN_ACTS_MS
  return {
    frames: frames.map(({ atMs, text }) => ({ atMs: later(atMs), text })),
    acts: acts.map(({ atMs, title }) => ({ atMs: later(atMs), title })),
    lengthMs: later(lengthMs) + BETWEEN_ACTS_MS
  }
}

function spanOf({ text, look }: Piece): Node | string {
  return look === '' ? text : el('span', { class: classOf(look) }, text)
}

/** `bold red` → `t-bold t-red`. */
export function classOf(look: string): string {
  return look
    .split(' ')
    .map((name) => `t-${name}`)
    .join(' ')
}
