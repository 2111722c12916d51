// The Wilson score interval of a share.

const Z = 1.959_964

/** The 95 % interval in which the true share lies, for `count` of `total` (Wilson 1927). */
export function wilson(count: number, total: number): readonly [low: number, high: number] {
  if (total === 0) return [0, 1]
  const share = count / total
  const square = (Z * Z) / total
  const middle = (share + square / 2) / (1 + square)
  const half = (Z * Math.sqrt((share * (1 - share)) / total + square / (4 * total))) / (1 + square)
  return [Math.max(0, middle - half), Math.min(1, middle + half)]
}
