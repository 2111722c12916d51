// Random numbers that are the same for the same seed: a failing history names its seed and can be run again alone.

export interface Dice {
  /** 0 ≤ x < 1. */
  roll(): number
  /** 0 … below - 1. */
  upTo(below: number): number
  oneOf<T>(items: readonly T[]): T
  chance(probability: number): boolean
  bytes(count: number): Uint8Array
}

/** Mulberry32. */
export function seeded(seed: number): Dice {
  let state = seed >>> 0
  const roll = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let word = Math.imul(state ^ (state >>> 15), state | 1)
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61)
    return ((word ^ (word >>> 14)) >>> 0) / 4_294_967_296
  }
  const upTo = (below: number) => Math.floor(roll() * below)
  return {
    roll,
    upTo,
    oneOf: (items) => items[upTo(items.length)]!,
    chance: (probability) => roll() < probability,
    bytes: (count) => Uint8Array.from({ length: count }, () => upTo(256))
  }
}
