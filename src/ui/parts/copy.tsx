// A button that copies a text and says that it did.
import { useState } from 'preact/hooks'
import { note } from './notes.tsx'

export function Copy({ text, children }: { readonly text: string; readonly children: string }) {
  const [isDone, setDone] = useState(false)
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setDone(true)
      setTimeout(() => setDone(false), 2_000)
    } catch {
      note('block', 'the browser does not let this page copy: select the text and copy it by hand')
    }
  }
  return (
    <button type="button" onClick={() => void copy()}>
      {isDone ? 'Copied' : children}
    </button>
  )
}
