// Channels: who is told of what, and whether it arrives.
import { useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import { usePaged } from '../../parts/paged.ts'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { send } from '../../shell/api.ts'
import { may } from '../../shell/session.ts'
import { KIND, type Channel } from './channel.ts'
import { ChannelForm } from './channel_form.tsx'
import { ChannelRow } from './channel_row.tsx'
import type { AlertRule } from './wire.ts'

type Open = { readonly what: 'add' } | { readonly what: 'change' | 'delete'; readonly channel: Channel } | null

export function Channels() {
  if (!may('admin'))
    return (
      <p class="muted">
        Who is told is shown to keys with scope <code>admin</code>.
      </p>
    )
  return <ForAdmins />
}

function ForAdmins() {
  const channels = usePaged<Channel>('/alert-channels', {}, 200)
  const rules = usePaged<AlertRule>('/alert-rules', {}, 200)
  const [open, setOpen] = useState<Open>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const close = () => setOpen(null)
  const channel = open !== null && 'channel' in open ? open.channel : null
  const done = async (runId: string | null, said: string) => {
    note('pass', said)
    setReceipt(runId)
    await channels.reload()
  }
  return (
    <>
      <div class="area-head">
        <p class="muted">
          Webhooks that hear <code>alert.fired</code> are told too: they are under <a href="/app/webhooks">Webhooks</a>.
        </p>
        <ReceiptLink id={receipt} />
        <div class="actions">
          <button type="button" class="main" onClick={() => setOpen({ what: 'add' })}>
            Add a channel…
          </button>
        </div>
      </div>
      <section class="area" aria-label="Channels">
        <List of={channels} empty={<NoChannels />}>
          {(items) => (
            <ul class="card endpoints">
              {items.map((one) => (
                <ChannelRow
                  key={one.id}
                  channel={one}
                  onDone={done}
                  onTested={channels.reload}
                  onOpen={(what) => setOpen({ what, channel: one })}
                />
              ))}
            </ul>
          )}
        </List>
      </section>
      <Dialog
        title={open?.what === 'change' ? `Change the channel` : 'Add a channel'}
        isOpen={open?.what === 'add' || open?.what === 'change'}
        onClose={close}
      >
        <ChannelForm
          channel={channel}
          rules={rules.items.value ?? []}
          onClose={close}
          onDone={(runId, said) => {
            close()
            void done(runId, said)
          }}
        />
      </Dialog>
      <Confirm
        title="Delete this channel?"
        isOpen={open?.what === 'delete'}
        onClose={close}
        action="Delete"
        onConfirm={async () => {
          await send('DELETE', `/alert-channels/${channel!.id}`)
          await done(null, 'The channel is deleted')
        }}
      >
        <p>
          <strong>{channel && KIND[channel.kind].title}</strong> <code>{visible(channel?.target ?? '')}</code> is told nothing any more, and
          what is on its way to it is given up.
        </p>
      </Confirm>
    </>
  )
}

function NoChannels() {
  return (
    <Empty title="No channels yet">
      <p>
        Without one, alerts stand on this page and nobody is told. A channel is a Slack channel, a mailbox, a PagerDuty service or a phone.
      </p>
      <pre class="code">{`curl -X POST ${location.origin}/alert-channels \\
  -H "X-Enact-Api-Key: $ENACT_ADMIN_KEY" -H 'Content-Type: application/json' \\
  -d '{"kind":"mail","to":"ops@example.com","min_severity":"warning"}'`}</pre>
    </Empty>
  )
}
