// An ordered map that shares structure: a change costs O(log n) and leaves the map before it as it was. Plain JSON, nothing else.

/** A node of a weight-balanced tree (Adams; Δ = 3, Γ = 2 as proven by Hirai and Yamamoto): its depth is bounded whatever keys an agent picks. */
export interface Branch<V> {
  readonly key: string
  readonly value: V
  readonly size: number
  readonly left: Ordered<V>
  readonly right: Ordered<V>
}

/** A map from texts to values in the order of UTF-16 units; null is the empty one. */
export type Ordered<V> = Branch<V> | null

const DELTA = 3
const GAMMA = 2

/** How many keys there are. */
export function sizeOf(map: Ordered<unknown>): number {
  return map === null ? 0 : map.size
}

/** The value under `key`. */
export function valueAt<V>(map: Ordered<V>, key: string): V | undefined {
  let at = map
  while (at !== null && at.key !== key) at = key < at.key ? at.left : at.right
  return at?.value
}

/** The map with `value` under `key`. */
export function withKey<V>(map: Ordered<V>, key: string, value: V): Branch<V> {
  if (map === null) return node(key, value, null, null)
  if (key === map.key) return node(key, value, map.left, map.right)
  if (key < map.key) return balanced(map.key, map.value, withKey(map.left, key, value), map.right)
  return balanced(map.key, map.value, map.left, withKey(map.right, key, value))
}

/** The map without `key`. */
export function withoutKey<V>(map: Ordered<V>, key: string): Ordered<V> {
  if (map === null) return null
  if (key < map.key) return balanced(map.key, map.value, withoutKey(map.left, key), map.right)
  if (key > map.key) return balanced(map.key, map.value, map.left, withoutKey(map.right, key))
  if (map.left === null || map.right === null) return map.left ?? map.right
  const next = firstOf(map.right)!
  return balanced(next.key, next.value, map.left, withoutKey(map.right, next.key))
}

/** The smallest key with its value; null in an empty map. */
export function firstOf<V>(map: Ordered<V>): Branch<V> | null {
  let at = map
  while (at !== null && at.left !== null) at = at.left
  return at
}

/** The first value with `from` ≤ key < `to` that is accepted. Looks at nothing outside that range. */
export function firstBetween<V>(map: Ordered<V>, from: string, to: string, accepts: (value: V) => boolean): V | undefined {
  if (map === null) return undefined
  if (map.key < from) return firstBetween(map.right, from, to, accepts)
  if (map.key >= to) return firstBetween(map.left, from, to, accepts)
  const earlier = firstBetween(map.left, from, to, accepts)
  if (earlier !== undefined) return earlier
  return accepts(map.value) ? map.value : firstBetween(map.right, from, to, accepts)
}

/** At most `limit` values in the order of their keys, those after `after` where it is given. */
export function valuesOf<V>(map: Ordered<V>, after: string | null = null, limit = Number.POSITIVE_INFINITY): V[] {
  const found: V[] = []
  const walk = (at: Ordered<V>): void => {
    if (at === null || found.length >= limit) return
    const isAfter = after === null || at.key > after
    if (isAfter) walk(at.left)
    if (isAfter && found.length < limit) found.push(at.value)
    walk(at.right)
  }
  walk(map)
  return found
}

function node<V>(key: string, value: V, left: Ordered<V>, right: Ordered<V>): Branch<V> {
  return { key, value, size: sizeOf(left) + sizeOf(right) + 1, left, right }
}

function balanced<V>(key: string, value: V, left: Ordered<V>, right: Ordered<V>): Branch<V> {
  if (left !== null && weight(left) > DELTA * weight(right)) {
    const { left: outer, right: inner } = left
    if (inner === null || weight(inner) < GAMMA * weight(outer)) return node(left.key, left.value, outer, node(key, value, inner, right))
    return node(inner.key, inner.value, node(left.key, left.value, outer, inner.left), node(key, value, inner.right, right))
  }
  if (right !== null && weight(right) > DELTA * weight(left)) {
    const { left: inner, right: outer } = right
    if (inner === null || weight(inner) < GAMMA * weight(outer)) return node(right.key, right.value, node(key, value, left, inner), outer)
    return node(inner.key, inner.value, node(key, value, left, inner.left), node(right.key, right.value, inner.right, outer))
  }
  return node(key, value, left, right)
}

function weight(map: Ordered<unknown>): number {
  return sizeOf(map) + 1
}
