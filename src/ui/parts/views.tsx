// The parts of one page, and which of them is shown.

interface Props {
  readonly of: readonly { readonly title: string; readonly path: string }[]
  /** The path of the one that is shown. */
  readonly now: string
}

export function Views({ of, now }: Props) {
  return (
    <nav class="views" aria-label="Parts of this page">
      {of.map(({ title, path }) => (
        <a key={path} href={path} aria-current={path === now ? 'page' : undefined}>
          {title}
        </a>
      ))}
    </nav>
  )
}
