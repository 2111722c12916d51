// The receipt of what was just changed.

export function ReceiptLink({ id, children = 'Receipt of the change' }: { readonly id: string | null; readonly children?: string }) {
  return <span role="status">{id !== null && <a href={`/app/receipt?id=${id}`}>{children}</a>}</span>
}
