// What stands around every page: navigation, notices, the keys' help; and the choice of what to show in the middle.
import { signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { Notes } from '../parts/notes.tsx'
import { Trouble } from '../parts/trouble.tsx'
import { Alarm } from './alarm.tsx'
import { KeysHelp } from './keys.tsx'
import { LOADERS } from './loaders.ts'
import { Navigation } from './navigation.tsx'
import { PAGES, pathOf, type PageName, type PageText } from './pages.ts'
import { goTo, place } from './place.ts'
import { isReachable, openSession, session, sessionProblem } from './session.ts'

const loaded = signal<Readonly<Partial<Record<PageName, ComponentType>>>>({})
const loadProblem = signal<string | null>(null)

export function Frame() {
  const { page } = place.value
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Navigation />
      <Alarm />
      <main id="main" tabIndex={-1}>
        <Middle page={page} />
      </main>
      <Notes />
      <KeysHelp />
    </>
  )
}

function Middle({ page }: { page: PageName | null }) {
  const heading = useRef<PageName | null>(page)
  useEffect(() => {
    if (page !== null) document.title = `${PAGES[page].title} · Enact`
    // Whoever changed the page by keyboard goes on from its beginning.
    if (heading.current !== page) document.getElementById('main')?.focus({ preventScroll: true })
    heading.current = page
  }, [page])
  if (page === null) return <Nowhere />
  if ((PAGES[page] as PageText).isOpen !== true) {
    if (sessionProblem.value !== null) return <Trouble text={sessionProblem.value} again={() => void openSession()} />
    if (session.value === undefined) return <p class="loading">Loading…</p>
    if (session.value === null) return <AtTheDoor />
    if (!isReachable(page)) return <NotForYou page={page} />
  }
  if (loadProblem.value !== null) return <Trouble text={loadProblem.value} again={() => location.reload()} />
  const Page = loaded.value[page]
  if (Page !== undefined) return <Page />
  void load(page)
  return <p class="loading">Loading…</p>
}

async function load(page: PageName): Promise<void> {
  try {
    const { default: Page } = await LOADERS[page]()
    loaded.value = { ...loaded.value, [page]: Page }
  } catch {
    loadProblem.value = 'a part of this page could not be loaded: the installation may have been updated meanwhile'
  }
}

function AtTheDoor() {
  useEffect(() => goTo(`${pathOf('sign-in')}?then=${encodeURIComponent(location.pathname + location.search)}`), [])
  return <p class="loading">Sign in first…</p>
}

function Nowhere() {
  return (
    <section class="empty">
      <h1>There is no such page</h1>
      <p>
        <a href={pathOf('activity')}>Go to the activity</a>
      </p>
    </section>
  )
}

function NotForYou({ page }: { page: PageName }) {
  const { scopes = [] }: PageText = PAGES[page]
  return (
    <section class="empty">
      <h1>{PAGES[page].title}</h1>
      <p>
        This needs a key with scope {scopes.map((scope, i) => [i > 0 ? ' or ' : '', <code key={scope}>{scope}</code>])}; yours has{' '}
        <code>{(session.value?.scopes ?? []).join(', ')}</code>.
      </p>
      <p>
        <a href={pathOf('sign-in')}>Sign in with another key</a>
      </p>
    </section>
  )
}
