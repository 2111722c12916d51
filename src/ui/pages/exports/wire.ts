// What the server says of exports, and the period that one covers.

export interface Export {
  readonly export_id: string
  readonly status: 'RUNNING' | 'DONE' | 'FAILED'
  readonly done: number
  readonly total: number
  readonly size_bytes: number | null
  /** Why it failed. */
  readonly detail?: string | null
  readonly from: string
  readonly to: string
  readonly created_at: string
  readonly expires_at: string | null
}

/** `2026-10-01` and `2026-10-31` as the whole of both days in UTC; or what is wrong, in words. */
export function periodOf(
  from: string,
  to: string
): { readonly from: string; readonly to: string } | { readonly pointer: string; readonly wrong: string } {
  const start = Date.parse(`${from}T00:00:00Z`)
  const last = Date.parse(`${to}T00:00:00Z`)
  if (Number.isNaN(start)) return { pointer: '/from', wrong: 'choose the first day' }
  if (Number.isNaN(last)) return { pointer: '/to', wrong: 'choose the last day' }
  if (last < start) return { pointer: '/to', wrong: 'is before the first day' }
  return { from: new Date(start).toISOString(), to: new Date(last + 86_400_000).toISOString() }
}

/** `1.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(0)} KB`
  return bytes < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(2)} GB`
}

/** The last whole month before now: what an auditor asks for most. */
export function lastMonth(now: Date): { readonly from: string; readonly to: string } {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1))
  const last = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 0))
  return { from: first.toISOString().slice(0, 10), to: last.toISOString().slice(0, 10) }
}
