// The decision: approve, deny, change what is asked for, hand it on. Says why where somebody may only look.
import { useMemo, useState } from 'preact/hooks'
import { note } from '../../parts/notes.tsx'
import { Told } from '../../parts/told.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { useSending } from '../../parts/sending.ts'
import { get, Problem, send } from '../../shell/api.ts'
import { KeysLine, useShortcuts } from '../../shell/keys.tsx'
import { goTo } from '../../shell/place.ts'
import { session } from '../../shell/session.ts'
import { countWaiting } from '../../shell/waiting.ts'
import { EditDialog } from './edit.tsx'
import { HandOnDialog } from './hand_on.tsx'
import { addressOf } from './inbox.tsx'
import { whyNot } from './may_decide.ts'
import type { Listed, Sight } from './wire.ts'

/** The codes that say: it is not as you saw it. The newest is shown then, and these words with it. */
const MOVED_ON: Readonly<Record<string, string>> = {
  already_decided: 'It was decided meanwhile',
  request_changed: 'It was changed meanwhile: read it again before you decide'
}

interface Props {
  readonly sight: Sight
  reload(): Promise<void>
  /** What the reader has read now, by its digest. */
  onRead(digest: string): void
}

type Open = 'approve' | 'deny' | 'edit' | 'hand on' | null

export function Decide({ sight, reload, onRead }: Props) {
  const { hitl_id, request_digest, is_redacted } = sight
  const [open, setOpen] = useState<Open>(null)
  const sending = useSending()
  const reason = whyNot(sight, session.value ?? { scopes: [], user_email: null })
  const can = reason === null

  const post = async (what: string, body: object): Promise<Sight | null> => {
    try {
      return await send<Sight>('POST', `/hitl/${hitl_id}/${what}`, { ...body, request_digest })
    } catch (error) {
      const words = error instanceof Problem ? MOVED_ON[error.code] : undefined
      if (words === undefined) throw error
      note('held', error instanceof Problem && error.code === 'already_decided' ? `${words}: ${error.message}` : words)
      return null
    } finally {
      await reload()
      void countWaiting()
    }
  }
  const decide = async (choice: 'approve' | 'deny', why = '') => {
    const after = await post(choice, why === '' ? {} : { reason: why })
    if (after === null) return
    if (choice === 'deny') note('pass', 'Denied')
    else note('pass', after.status === 'APPROVED' ? 'Approved' : `Your approval counts: ${after.missing} more must approve`)
  }
  const shortcuts = useMemo(() => {
    const next = (by: number) => async () => {
      const { data } = await get<{ data: readonly Listed[] }>('/hitl', { status: 'PENDING' })
      const at = data.findIndex((one) => one.hitl_id === hitl_id)
      const found = data[at + by]
      if (found !== undefined) goTo(addressOf(found.hitl_id))
    }
    const always = [
      { key: 'j', says: 'next', run: () => void next(1)().catch(() => undefined) },
      { key: 'k', says: 'previous', run: () => void next(-1)().catch(() => undefined) }
    ]
    if (!can) return always
    return [
      { key: 'a', says: 'approve', run: () => setOpen('approve') },
      { key: 'd', says: 'deny', run: () => setOpen('deny') },
      ...(is_redacted ? [] : [{ key: 'e', says: 'edit', run: () => setOpen('edit') }]),
      ...always
    ]
  }, [can, hitl_id, is_redacted])
  useShortcuts(shortcuts)
  const close = () => setOpen(null)
  return (
    <>
      <div class="card part decide">
        {reason !== null ? (
          <Told text={reason} />
        ) : (
          <>
            <button
              type="button"
              class="main big"
              disabled={sending.isBusy.value}
              onClick={() => void sending.run(() => decide('approve'))}
            >
              {sending.isBusy.value ? 'Approving…' : 'Approve'}
            </button>
            <button type="button" class="big" disabled={sending.isBusy.value} onClick={() => setOpen('deny')}>
              Deny…
            </button>
            <div class="lesser">
              <button type="button" disabled={sending.isBusy.value || is_redacted} onClick={() => setOpen('edit')}>
                Edit…
              </button>
              <button type="button" disabled={sending.isBusy.value} onClick={() => setOpen('hand on')}>
                Hand on…
              </button>
            </div>
            {is_redacted && <p class="fine">Secrets are not shown, so this cannot be edited here.</p>}
            {sending.wrong.value !== null && (
              <p class="wrong-all" role="alert">
                {sending.wrong.value}
              </p>
            )}
            <p class="fine">Signed in as {session.value?.user_email} · one use · this exact action only</p>
          </>
        )}
        <KeysLine />
      </div>
      <Confirm
        title="Approve this?"
        isOpen={open === 'approve'}
        onClose={close}
        action="Approve"
        tone="main"
        reason={{ label: 'Note (optional; stands in the receipt)', isRequired: false, lengthMax: 2_000 }}
        onConfirm={(why) => decide('approve', why)}
      />
      <Confirm
        title="Deny this?"
        isOpen={open === 'deny'}
        onClose={close}
        action="Deny"
        reason={{ label: 'Reason (stands in the receipt; the agent reads it)', isRequired: false, lengthMax: 2_000 }}
        onConfirm={(why) => decide('deny', why)}
      >
        <p>A denial is final: nobody else can approve it any more.</p>
      </Confirm>
      <EditDialog isOpen={open === 'edit'} onClose={close} payload={sight.payload} post={post} onRead={onRead} />
      <HandOnDialog isOpen={open === 'hand on'} onClose={close} post={post} />
    </>
  )
}
