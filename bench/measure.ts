// Timing that holds on a noisy machine: the thing and its floor in turn, many rounds, medians, ratios pair by pair.

export interface Figure {
  readonly name: string
  /** Median, in nanoseconds an operation (or operations a second where `unit` says so). */
  readonly value: number
  readonly floor: number
  /** Median of the pairwise ratios value/floor. */
  readonly ratio: number
  readonly unit: 'ns' | '/s'
  readonly aim: string
}

const ROUNDS = 21
const ROUND_NS = 20_000_000

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]!
}

/** How often `work` must be repeated to fill one round. */
async function repeatsFor(work: () => unknown): Promise<number> {
  for (let repeats = 1; ; repeats *= 2) {
    const took = await timed(work, repeats)
    if (took > ROUND_NS / 8) return Math.max(1, Math.round((repeats * ROUND_NS) / took))
  }
}

async function timed(work: () => unknown, repeats: number): Promise<number> {
  const first = work()
  const isAsync = first instanceof Promise
  if (isAsync) await first
  const started = process.hrtime.bigint()
  if (isAsync) for (let i = 0; i < repeats; i++) await work()
  else for (let i = 0; i < repeats; i++) work()
  return Number(process.hrtime.bigint() - started)
}

/** Measures `work` against `floor`, in turn. */
export async function against(name: string, aim: string, work: () => unknown, floor: () => unknown): Promise<Figure> {
  const workRepeats = await repeatsFor(work)
  const floorRepeats = await repeatsFor(floor)
  const pairs: [number, number][] = []
  for (let round = 0; round < ROUNDS; round++) {
    const a = (await timed(work, workRepeats)) / workRepeats
    const b = (await timed(floor, floorRepeats)) / floorRepeats
    if (round > 1) pairs.push([a, b])
  }
  return {
    name,
    value: median(pairs.map(([a]) => a)),
    floor: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
    unit: 'ns',
    aim
  }
}

/** A table for a terminal, one figure a line. */
export function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, value, floor, ratio, unit, aim }) => [name, say(value, unit), say(floor, unit), ratio.toFixed(2), aim])
  const all = [['what', 'measured', 'floor', 'ratio', 'aim'], ...rows]
  const widths = all[0]!.map((_head, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '))
    .join('\n')
}

function say(value: number, unit: 'ns' | '/s'): string {
  if (unit === '/s') return `${Math.round(value)}/s`
  return value >= 1e6 ? `${(value / 1e6).toFixed(2)} ms` : value >= 1e3 ? `${(value / 1e3).toFixed(2)} µs` : `${Math.round(value)} ns`
}
