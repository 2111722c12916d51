// A secret that is shown this once: selectable, to be copied, and gone with the page.
import { useId } from 'preact/hooks'
import { Copy } from './copy.tsx'
import { Said } from './told.tsx'

export function Once({ label, secret, hint }: { readonly label: string; readonly secret: string; readonly hint: string }) {
  const id = useId()
  return (
    <div class="field once">
      <label for={id}>{label}</label>
      <div class="once-row">
        <input
          id={id}
          class="code"
          readOnly
          spellcheck={false}
          autocomplete="off"
          value={secret}
          aria-describedby={`${id}-hint`}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Copy text={secret}>Copy</Copy>
      </div>
      <p class="hint" id={`${id}-hint`}>
        <Said text={hint} />
      </p>
    </div>
  )
}
