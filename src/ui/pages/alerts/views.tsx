// The three parts of the page, and where one is among them.

export type View = 'alerts' | 'channels' | 'rules'

const VIEWS = [
  { id: 'alerts', title: 'Alerts', path: '/app/alerts' },
  { id: 'channels', title: 'Channels', path: '/app/alerts?view=channels' },
  { id: 'rules', title: 'Rules', path: '/app/alerts?view=rules' }
] as const satisfies readonly { id: View; title: string; path: string }[]

export function Head({ view }: { readonly view: View }) {
  return (
    <header class="page-head">
      <h1>Alerts</h1>
      <nav class="views" aria-label="Parts of this page">
        {VIEWS.map(({ id, title, path }) => (
          <a key={id} href={path} aria-current={id === view ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
    </header>
  )
}
