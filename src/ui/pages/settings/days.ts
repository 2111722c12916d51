// A number of days as somebody types it.

/** Null = for good. */
export function daysOf(text: string): { readonly value: number | null; readonly wrong: string | null } {
  const trimmed = text.trim()
  if (trimmed === '') return { value: null, wrong: null }
  if (!/^[1-9]\d{0,4}$/.test(trimmed)) return { value: null, wrong: 'must be a whole number of days, or nothing' }
  return { value: Number(trimmed), wrong: null }
}
