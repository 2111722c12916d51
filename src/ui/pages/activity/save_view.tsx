// Gives the search that is shown a name.
import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { NAME_MAX, saveView } from './views.ts'

export function SaveView({ query, isOpen, onClose }: { readonly query: string; readonly isOpen: boolean; onClose(): void }) {
  const [name, setName] = useState('')
  const save = (event: Event) => {
    event.preventDefault()
    if (name.trim() === '') return
    saveView(name.trim(), query)
    setName('')
    onClose()
  }
  return (
    <Dialog title="Save this view" isOpen={isOpen} onClose={onClose}>
      <form class="stack" onSubmit={save}>
        <p>
          {query === '' ? 'Everything, at any time.' : <code>{query}</code>} It is kept in this browser; its address can be sent to anybody
          who may sign in.
        </p>
        <div class="field">
          <label for="view-name">Name</label>
          <input id="view-name" required maxLength={NAME_MAX} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </div>
        <div class="row">
          <button class="main">Save</button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  )
}
