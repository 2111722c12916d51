// Who is signed in, and what the server offers them.
import { signal } from '@preact/signals'
import { get, Problem, send, whenSignedOut } from './api.ts'
import { PAGES, pathOf, type PageName, type PageText } from './pages.ts'
import { goTo, place } from './place.ts'

/** `GET /session`. */
export interface Session {
  readonly team_id: string
  readonly team_name: string | null
  readonly api_key_id: string | null
  readonly user_email: string | null
  readonly scopes: readonly string[]
  /** `folder` = the receipts of a folder, read by `enact ui`. */
  readonly via: 'key' | 'access' | 'folder'
  readonly expires_at: string | null
  readonly features: readonly string[]
  readonly is_dev: boolean
}

/** Undefined while nobody has asked the server yet; null = nobody is signed in. */
export const session = signal<Session | null | undefined>(undefined)
/** Why the server could not be asked. */
export const sessionProblem = signal<string | null>(null)

/** `admin` may do everything but approve, `audit` may read. */
const IMPLIED: Readonly<Record<string, readonly string[]>> = { admin: ['admin', 'run', 'read', 'audit'], audit: ['audit', 'read'] }

/** Whether whoever is signed in has one of these scopes. What the server then says is what counts. */
export function may(...wanted: readonly string[]): boolean {
  return (session.value?.scopes ?? []).some((scope) => (IMPLIED[scope] ?? [scope]).some((one) => wanted.includes(one)))
}

/** Whether the server has this area at all. */
export function has(feature: string): boolean {
  return session.value?.features.includes(feature) ?? false
}

/** Whether a page can be shown to whoever is here. */
export function isReachable(name: PageName): boolean {
  const { feature, scopes, isOpen }: PageText = PAGES[name]
  return isOpen === true || ((feature === undefined || has(feature)) && (scopes === undefined || may(...scopes)))
}

/** Asks the server who is here; whoever is not signed in and is on a page for people who are, is taken to the door. */
export async function openSession(): Promise<void> {
  whenSignedOut(() => {
    session.value = null
    leaveToDoor()
  })
  sessionProblem.value = null
  try {
    session.value = await get<Session>('/session')
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return
    sessionProblem.value = error instanceof Error ? error.message : String(error)
  }
}

export async function signIn(key: string): Promise<void> {
  session.value = await send<Session>('POST', '/session', { key })
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/session')
  session.value = null
  goTo(pathOf('sign-in'))
}

/** The page after signing in: where the reader wanted to go, if that is a page of this UI. */
export function wantedPage(): string {
  const then = place.value.params.get('then') ?? ''
  return /^\/app\/[a-z-]*(\?[^#\\]*)?$/.test(then) ? then : pathOf('activity')
}

function leaveToDoor(): void {
  const { page } = place.value
  if (page === null || (PAGES[page] as PageText).isOpen === true) return
  goTo(`${pathOf('sign-in')}?then=${encodeURIComponent(location.pathname + location.search)}`)
}
