// Counts in buckets of time, newest last, for as long as a rolling window and what comes late need them.

/** `[bucket, count, blocked, …]`, ascending, empty buckets left out: small while nothing happens, and JSON as it is. */
export type Ring = number[]

const WIDTH = 3

/** How a window is counted: in whole buckets, the oldest of which may begin before the window does. INVARIANT: never too few. */
export interface RingShape {
  readonly bucketSeconds: number
  /** Buckets that are kept behind the newest. */
  readonly kept: number
}

/** A second, a minute, a quarter of an hour: for windows of up to two minutes, two hours, a day. */
export const RING_SHAPES: readonly [RingShape, RingShape, RingShape] = [
  { bucketSeconds: 1, kept: 130 },
  { bucketSeconds: 60, kept: 130 },
  { bucketSeconds: 900, kept: 104 }
]

/** Which ring counts a window of this length. */
export function ringFor(windowSeconds: number): 0 | 1 | 2 {
  return windowSeconds <= 120 ? 0 : windowSeconds <= 7_200 ? 1 : 2
}

/** Adds to a bucket; what is older than the ring keeps is let go. False = it came too late for this ring. */
export function addTo(ring: Ring, bucket: number, count: number, blocked: number, { kept }: RingShape): boolean {
  const newest = ring.at(-WIDTH)
  if (newest !== undefined && bucket < newest - kept) return false
  let at = ring.length
  while (at > 0 && ring[at - WIDTH]! > bucket) at -= WIDTH
  if (at > 0 && ring[at - WIDTH] === bucket) {
    ring[at - 2]! += count
    ring[at - 1]! += blocked
  } else ring.splice(at, 0, bucket, count, blocked)
  let old = 0
  const first = ring.at(-WIDTH)! - kept
  while (ring[old]! < first) old += WIDTH
  if (old > 0) ring.splice(0, old)
  return true
}

/** How much lies in the `width` buckets before `end` and in `end`. */
export function sumOf(ring: Ring, end: number, width: number): { count: number; blocked: number } {
  let count = 0
  let blocked = 0
  for (let at = ring.length - WIDTH; at >= 0; at -= WIDTH) {
    const bucket = ring[at]!
    if (bucket > end) continue
    if (bucket < end - width) break
    count += ring[at + 1]!
    blocked += ring[at + 2]!
  }
  return { count, blocked }
}

/** The ends of all windows that hold `bucket` and may have become the fullest by it: its own, and those of later ones that are there already. */
export function endsFrom(ring: Ring, bucket: number, width: number): number[] {
  const ends: number[] = []
  for (let at = ring.length - WIDTH; at >= 0 && ring[at]! >= bucket; at -= WIDTH) if (ring[at]! <= bucket + width) ends.push(ring[at]!)
  return ends.reverse()
}
