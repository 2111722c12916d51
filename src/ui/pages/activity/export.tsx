// Exporting what is seen, or all that the search finds.
import { useRef, useState } from 'preact/hooks'
import type { Receipt } from '../../../engine/schema.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { saveBlob } from '../../parts/save_blob.ts'
import { counted } from '../../receipt/counted.ts'
import { tell } from '../../shell/api.ts'
import { pathOf } from '../../shell/pages.ts'
import { isReachable, session } from '../../shell/session.ts'
import { ALL_MAX, FORMATS, makeExport, type Format } from './export_file.ts'

interface Props {
  readonly isOpen: boolean
  onClose(): void
  readonly query: string
  readonly receipts: readonly Receipt[]
}

type Doing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'working'; readonly done: number }
  | { readonly kind: 'said'; readonly text: string; readonly isWrong: boolean }

export function ExportDialog({ isOpen, onClose, query, receipts }: Props) {
  const [format, setFormat] = useState<Format>('csv')
  const [isAll, setAll] = useState(false)
  const [withProofs, setProofs] = useState(true)
  const [doing, setDoing] = useState<Doing>({ kind: 'nothing' })
  const stop = useRef<AbortController | null>(null)
  const close = () => {
    stop.current?.abort()
    setDoing({ kind: 'nothing' })
    onClose()
  }
  const start = async (event: Event) => {
    event.preventDefault()
    stop.current = new AbortController()
    setDoing({ kind: 'working', done: 0 })
    try {
      const file = await makeExport({
        format,
        query,
        teamId: session.value?.team_id ?? '',
        receipts: isAll ? null : receipts,
        withProofs,
        onProgress: (done) => setDoing({ kind: 'working', done }),
        stop: stop.current.signal
      })
      saveBlob(file.blob, file.name)
      const more = file.isCut ? ` There are more: only the newest ${counted(file.count, 'receipt')} are in it.` : ''
      setDoing({ kind: 'said', text: `${counted(file.count, 'receipt')} in ${file.name}.${more}`, isWrong: file.isCut })
    } catch (error) {
      if (!stop.current.signal.aborted) setDoing({ kind: 'said', text: tell(error), isWrong: true })
    }
  }
  return (
    <Dialog title="Export" isOpen={isOpen} onClose={close}>
      <form class="stack" onSubmit={(event) => void start(event)}>
        <fieldset class="choices">
          <legend>What</legend>
          <Radio name="what" label={`The ${counted(receipts.length, 'receipt')} shown`} isOn={!isAll} onPick={() => setAll(false)} />
          <Radio name="what" label={`All that match, up to ${counted(ALL_MAX, 'receipt')}`} isOn={isAll} onPick={() => setAll(true)} />
        </fieldset>
        <fieldset class="choices">
          <legend>As</legend>
          {(Object.keys(FORMATS) as Format[]).map((name) => (
            <Radio
              key={name}
              name="format"
              label={FORMATS[name].title}
              about={FORMATS[name].about}
              isOn={format === name}
              onPick={() => setFormat(name)}
            />
          ))}
        </fieldset>
        {format !== 'csv' && (
          <label class="check">
            <input type="checkbox" checked={withProofs} onChange={(event) => setProofs(event.currentTarget.checked)} />
            With a proof of inclusion for each: <code>enact receipts verify</code> checks the file offline
          </label>
        )}
        <div class="row">
          <button class="main" disabled={doing.kind === 'working'}>
            {doing.kind === 'working' ? `${counted(doing.done, 'receipt')}…` : 'Export'}
          </button>
          <button type="button" onClick={close}>
            {doing.kind === 'working' ? 'Stop' : 'Close'}
          </button>
        </div>
        <p role="status" class={doing.kind === 'said' && doing.isWrong ? 'wrong-all' : 'muted'}>
          {doing.kind === 'said' && doing.text}
        </p>
        {isReachable('exports') && (
          <p class="muted">
            For auditors, <a href={pathOf('exports')}>Exports</a> makes a signed ZIP of a whole period.
          </p>
        )}
      </form>
    </Dialog>
  )
}

interface RadioProps {
  readonly name: string
  readonly label: string
  readonly about?: string
  readonly isOn: boolean
  onPick(): void
}

function Radio({ name, label, about, isOn, onPick }: RadioProps) {
  return (
    <label class="check">
      <input type="radio" name={name} checked={isOn} onChange={onPick} />
      {label}
      {about !== undefined && <small>{about}</small>}
    </label>
  )
}
