// Values inside sentences.

const LENGTH_MAX = 200

/** A value as it stands in a reason: in backticks, and cut where it would drown the sentence. */
export function quoted(value: string): string {
  return `\`${value.length > LENGTH_MAX ? `${value.slice(0, LENGTH_MAX).toWellFormed()}…` : value}\``
}
