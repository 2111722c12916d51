// A dialog over the page: the browser's own, which keeps the focus inside, closes on Esc and gives the focus back.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'

interface Props {
  readonly title: string
  readonly isOpen: boolean
  onClose(): void
  readonly children: ComponentChildren
  readonly isWide?: boolean
}

/** `onClose` is called when the reader closes it, not when `isOpen` does. */
export function Dialog({ title, isOpen, onClose, children, isWide }: Props) {
  const ref = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const dialog = ref.current
    if (dialog === null || dialog.open === isOpen) return
    if (isOpen) dialog.showModal()
    else dialog.close()
  }, [isOpen])
  return (
    <dialog ref={ref} class={isWide ? 'wide' : undefined} aria-labelledby={id} onClose={() => isOpen && onClose()}>
      {isOpen && (
        <>
          <header class="dialog-head">
            <h2 id={id}>{title}</h2>
            <button type="button" class="quiet" aria-label="Close" onClick={() => ref.current?.close()}>
              ×
            </button>
          </header>
          {children}
        </>
      )}
    </dialog>
  )
}
