// What stands where there is nothing yet: what would be here, and how to get there.
import type { ComponentChildren } from 'preact'

export function Empty({ title, children }: { readonly title: string; readonly children: ComponentChildren }) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  )
}
