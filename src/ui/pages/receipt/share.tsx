// Links that show this receipt to somebody without a key: what they show, how long, and taking them back.
import { useEffect, useState } from 'preact/hooks'
import { Copy } from '../../parts/copy.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { useSending } from '../../parts/sending.ts'
import { Badge } from '../../parts/badge.tsx'
import { fromNow, Time } from '../../parts/time.tsx'
import { get, send, tell } from '../../shell/api.ts'

interface Share {
  readonly share_id: string
  readonly show: readonly string[]
  readonly shared_by: string
  readonly created_at: string
  readonly expires_at: string
  readonly revoked_at: string | null
}

interface Made {
  readonly share_id: string
  readonly url: string
  readonly expires_at: string
}

const DAY_S = 86_400
const TIMES = [
  [3_600, 'an hour'],
  [DAY_S, 'a day'],
  [7 * DAY_S, 'a week'],
  [30 * DAY_S, '30 days'],
  [90 * DAY_S, '90 days']
] as const
export const PARTS = {
  payload: 'What was asked for, and the reasons of policies',
  outputs: 'What changed: rows, files, answers',
  people: 'Who asked, and who approved'
} as const
type Part = keyof typeof PARTS

interface Props {
  readonly runId: string
  readonly isOpen: boolean
  onClose(): void
}

export function ShareDialog({ runId, isOpen, onClose }: Props) {
  const [show, setShow] = useState<readonly Part[]>([])
  const [seconds, setSeconds] = useState<number>(7 * DAY_S)
  const [made, setMade] = useState<Made | null>(null)
  const [shares, setShares] = useState<readonly Share[] | null>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const sending = useSending()
  const load = async () => {
    try {
      setShares((await get<{ data: readonly Share[] }>(`/receipts/${runId}/shares`)).data)
      setProblem(null)
    } catch (error) {
      setProblem(tell(error))
    }
  }
  useEffect(() => {
    if (!isOpen) return
    setMade(null)
    void load()
  }, [isOpen, runId])
  const make = async (event: Event) => {
    event.preventDefault()
    const found = await sending.run((key) => send<Made>('POST', `/receipts/${runId}/shares`, { expires_in_seconds: seconds, show }, key))
    if (found === undefined) return
    setMade(found)
    void load()
  }
  const revoke = async ({ share_id }: Share) => {
    await sending.run(() => send('DELETE', `/shares/${share_id}`))
    if (made?.share_id === share_id) setMade(null)
    void load()
  }
  return (
    <Dialog title="Share this receipt" isOpen={isOpen} onClose={onClose} isWide>
      <form class="stack" onSubmit={(event) => void make(event)}>
        <p>
          Whoever has the link sees what was decided, how each policy judged, that it is signed, and where it stands in the ledger. Anything
          beyond that only if you say so:
        </p>
        <fieldset class="choices">
          <legend>Show as well</legend>
          {(Object.keys(PARTS) as Part[]).map((part) => (
            <label key={part} class="check">
              <input
                type="checkbox"
                checked={show.includes(part)}
                onChange={(event) => setShow(event.currentTarget.checked ? [...show, part] : show.filter((one) => one !== part))}
              />
              {PARTS[part]}
            </label>
          ))}
        </fieldset>
        <div class="field share-for">
          <label for="share-for">The link works for</label>
          <select id="share-for" value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
            {TIMES.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
        </div>
        <div class="row">
          <button class="main" disabled={sending.isBusy.value}>
            {sending.isBusy.value ? 'Making it…' : 'Make a link'}
          </button>
        </div>
        <div role="alert">{(sending.wrong.value ?? problem) !== null && <p class="wrong-all">{sending.wrong.value ?? problem}</p>}</div>
      </form>
      <div role="status">{made !== null && <MadeLink of={made} />}</div>
      {shares !== null && shares.length > 0 && (
        <ShareList of={shares} isBusy={sending.isBusy.value} onRevoke={(share) => void revoke(share)} />
      )}
    </Dialog>
  )
}

function MadeLink({ of: { url, expires_at } }: { readonly of: Made }) {
  return (
    <div class="field made">
      <label for="share-url">The link; it is shown this once</label>
      <div class="once-row">
        <input id="share-url" class="code" readOnly value={url} onFocus={(event) => event.currentTarget.select()} />
        <Copy text={url}>Copy</Copy>
      </div>
      <p class="hint">Ends {fromNow(expires_at, Date.now())}, or when you revoke it.</p>
    </div>
  )
}

interface ListProps {
  readonly of: readonly Share[]
  readonly isBusy: boolean
  onRevoke(share: Share): void
}

function ShareList({ of, isBusy, onRevoke }: ListProps) {
  const now = Date.now()
  return (
    <section class="shares">
      <h3>Links of this receipt</h3>
      <ul>
        {of.map((share) => {
          const isOver = share.revoked_at !== null || Date.parse(share.expires_at) <= now
          const word = share.revoked_at !== null ? 'Revoked' : isOver ? 'Expired' : 'Live'
          return (
            <li key={share.share_id}>
              <Badge tone={word === 'Live' ? 'pass' : 'none'}>{word}</Badge>
              <span>
                {share.show.length === 0 ? 'the decision alone' : `with ${share.show.join(', ')}`}
                <small>
                  {' '}
                  made <Time at={share.created_at} />
                  {share.shared_by !== '' && ` by ${share.shared_by}`}
                  {!isOver && `, ends ${fromNow(share.expires_at, now)}`}
                </small>
              </span>
              {!isOver && (
                <button type="button" disabled={isBusy} onClick={() => onRevoke(share)}>
                  Revoke
                </button>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
