// Every page of the receipt UI: its title, and where it stands in the navigation. The build writes one HTML file for each.

/** `feature` = what the server must offer for the page to be there; `scope` = what the session must have. */
export interface PageText {
  readonly title: string
  readonly inNav?: true
  readonly feature?: string
  readonly scopes?: readonly string[]
  /** Shown to whoever is not signed in. */
  readonly isOpen?: true
}

/** In the order of the navigation. The name is the last part of the address; `activity` is `/app/`. */
export const PAGES = {
  activity: { title: 'Activity', inNav: true, feature: 'receipts', scopes: ['read'] },
  approvals: { title: 'Approvals', inNav: true, feature: 'approvals', scopes: ['read', 'approve'] },
  alerts: { title: 'Alerts', inNav: true, feature: 'alerts', scopes: ['read'] },
  policies: { title: 'Policies', inNav: true, feature: 'policies', scopes: ['read'] },
  agents: { title: 'Agents', inNav: true, feature: 'agents', scopes: ['admin'] },
  locks: { title: 'Locks', inNav: true, feature: 'locks', scopes: ['run', 'read'] },
  webhooks: { title: 'Webhooks', inNav: true, feature: 'webhooks', scopes: ['admin'] },
  exports: { title: 'Exports', inNav: true, feature: 'exports', scopes: ['audit'] },
  settings: { title: 'Settings', inNav: true, feature: 'settings', scopes: ['admin'] },
  receipt: { title: 'Receipt', feature: 'receipts', scopes: ['read'] },
  'sign-in': { title: 'Sign in', isOpen: true },
  setup: { title: 'Set up', isOpen: true },
  shared: { title: 'Shared receipt', isOpen: true }
} as const satisfies Readonly<Record<string, PageText>>

export type PageName = keyof typeof PAGES

/** The page's address. */
export function pathOf(name: PageName): string {
  return name === 'activity' ? '/app/' : `/app/${name}`
}

/** The page at an address; null where there is none. */
export function pageAt(pathname: string): PageName | null {
  const name = /^\/app(?:\/([a-z-]*?)(?:\.html)?\/?)?$/.exec(pathname)?.[1] ?? null
  if (name === null) return pathname === '/app' ? 'activity' : null
  if (name === '' || name === 'index') return 'activity'
  return Object.hasOwn(PAGES, name) ? (name as PageName) : null
}
