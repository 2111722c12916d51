// The bar at the top: where one can go, who is here, and whether what is shown is live.
import { live } from './live.ts'
import { PAGES, pathOf, type PageName, type PageText } from './pages.ts'
import { place } from './place.ts'
import { ringing } from './ringing.ts'
import { isReachable, session, signOut } from './session.ts'
import { note } from '../parts/notes.tsx'
import { tell } from './api.ts'
import { waiting } from './waiting.ts'

export function Navigation() {
  const who = session.value
  const names = (Object.keys(PAGES) as PageName[]).filter((name) => (PAGES[name] as PageText).inNav && who && isReachable(name))
  return (
    <header class="bar">
      <a class="brand" href={who ? pathOf('activity') : '/'}>
        <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
          <path fill="currentColor" d="M2 1h12v2H2zm0 3h12v2H2zm0 3h12v2H2zm0 3h12v2H2zm0 3h12v2H2z" />
        </svg>
        Enact
      </a>
      {who === undefined && place.value.page !== null && (PAGES[place.value.page] as PageText).isOpen !== true && <div class="nav-room" />}
      {names.length > 0 && (
        <nav aria-label="Areas">
          {names.map((name) => (
            <a key={name} href={pathOf(name)} aria-current={place.value.page === name ? 'page' : undefined}>
              {PAGES[name].title}
              {name === 'approvals' && <Count of={waiting.value} says="waiting" />}
              {name === 'alerts' && <Count of={ringing.value} says="open" />}
            </a>
          ))}
        </nav>
      )}
      {who && (
        <div class="who">
          {live.value !== null && (
            <span class={`live ${live.value.state}`} role="status">
              <span class="dot" aria-hidden="true" />
              {live.value.text}
            </span>
          )}
          <details class="menu">
            <summary aria-label={`Signed in to team ${who.team_id}`}>{who.team_id}</summary>
            <div class="menu-list">
              <p>
                {who.via === 'folder' ? 'Receipts of a folder' : (who.user_email ?? `Key ${who.api_key_id ?? ''}`)}
                <br />
                <small>{who.scopes.join(', ')}</small>
              </p>
              <a href="/docs">Reference</a>
              {who.via === 'key' && (
                <button type="button" class="quiet" onClick={() => void signOut().catch((error: unknown) => note('block', tell(error)))}>
                  Sign out
                </button>
              )}
            </div>
          </details>
        </div>
      )}
    </header>
  )
}

/** It has its place before there is anything to count. */
function Count({ of, says }: { readonly of: number; readonly says: string }) {
  return (
    <>
      {' '}
      <span class={of > 0 ? 'count' : 'count is-none'} aria-hidden={of === 0}>
        {of}
      </span>
      {of > 0 && <span class="unseen"> {says}</span>}
    </>
  )
}
