// Decides whether a concurrent history could have happened one operation at a time (Wing and Gong's search, with Lowe's memory of states seen).

/** One operation as its caller saw it. `returned` null = it was never answered: it may have happened, at any time after `called`, or not. */
export interface Operation<I, O> {
  readonly called: number
  readonly returned: number | null
  readonly input: I
  readonly output: O | null
}

/** What the object does when nobody interferes. */
export interface Sequential<S, I, O> {
  readonly start: S
  /** The state after `input` answered `output` (null: unanswered, any output will do); undefined = it could not have answered that. */
  step(state: S, input: I, output: O | null): S | undefined
  /** Equal texts for equal states. */
  key(state: S): string
}

/** `order`: indexes into the history in which it could have happened. Otherwise `stuck`: the longest order that could be found. */
export type Verdict = { readonly ok: true; readonly order: readonly number[] } | { readonly ok: false; readonly stuck: readonly number[] }

/** Exact: says yes exactly for the histories that some order explains, each operation taking effect between its call and its return. */
export function linearizable<S, I, O>(history: readonly Operation<I, O>[], object: Sequential<S, I, O>): Verdict {
  const byCall = history.map((_, index) => index).sort((a, b) => history[a]!.called - history[b]!.called)
  const isDone = new Uint8Array(history.length)
  const endOf = (index: number) => history[index]!.returned ?? Number.POSITIVE_INFINITY
  let open = history.filter((operation) => operation.returned !== null).length
  const seen = new Set<string>()
  const order: number[] = []
  let longest: number[] = []

  /** Operations that may be next: called before every other one that is not done has returned. */
  const candidates = (): number[] => {
    const found: number[] = []
    let firstReturn = Number.POSITIVE_INFINITY
    for (const index of byCall) {
      if (history[index]!.called > firstReturn) break
      if (isDone[index] === 1) continue
      found.push(index)
      firstReturn = Math.min(firstReturn, endOf(index))
    }
    return found.filter((index) => history[index]!.called <= firstReturn)
  }

  // A stack instead of recursion: histories are longer than call stacks are deep.
  const stack: { state: S; rest: number[] }[] = [{ state: object.start, rest: candidates() }]
  while (stack.length > 0) {
    if (open === 0) return { ok: true, order }
    const top = stack.at(-1)!
    const index = top.rest.shift()
    if (index === undefined) {
      stack.pop()
      const undone = order.pop()
      if (undone !== undefined) {
        isDone[undone] = 0
        if (history[undone]!.returned !== null) open++
      }
      continue
    }
    const { input, output, returned } = history[index]!
    const state = object.step(top.state, input, returned === null ? null : output)
    if (state === undefined) continue
    isDone[index] = 1
    const memory = `${bits(isDone)} ${object.key(state)}`
    if (seen.has(memory)) {
      isDone[index] = 0
      continue
    }
    seen.add(memory)
    order.push(index)
    if (returned !== null) open--
    if (order.length > longest.length) longest = [...order]
    stack.push({ state, rest: candidates() })
  }
  return open === 0 ? { ok: true, order } : { ok: false, stuck: longest }
}

/** The set as text: which were done, in whatever order. */
function bits(isDone: Uint8Array): string {
  let text = ''
  for (let at = 0; at < isDone.length; at += 16) {
    let word = 0
    for (let bit = 0; bit < 16; bit++) word |= (isDone[at + bit] ?? 0) << bit
    text += String.fromCharCode(word)
  }
  return text
}
