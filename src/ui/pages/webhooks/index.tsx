// Webhooks: where events go, with which secrets, and what became of each on its way.
import { useEffect, useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import { Once } from '../../parts/once.tsx'
import { usePaged } from '../../parts/paged.ts'
import { send } from '../../shell/api.ts'
import { Deliveries } from './deliveries.tsx'
import { EndpointForm } from './endpoint_form.tsx'
import { Endpoints } from './endpoints.tsx'
import type { Delivery, Endpoint, Secret } from './wire.ts'

const EVERY_MS = 3_000

type Open =
  | { readonly what: 'create' | 'callback' }
  | { readonly what: 'edit' | 'rotate' | 'delete' | 'replay'; readonly endpoint: Endpoint }
  | { readonly what: 'secret'; readonly title: string; readonly secret: Secret }
  | null

export default function Webhooks() {
  const endpoints = usePaged<Endpoint>('/webhooks')
  const deliveries = usePaged<Delivery>('/webhooks/deliveries')
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  const reload = () => Promise.all([endpoints.reload(), deliveries.reload()])
  const isMoving =
    (endpoints.items.value?.some(({ status }) => status === 'PENDING') ?? false) ||
    (deliveries.items.value?.some(({ status }) => status === 'PENDING') ?? false)
  useEffect(() => {
    if (!isMoving) return undefined
    const timer = setInterval(() => {
      if (document.hidden) return
      void endpoints.reload()
      void deliveries.reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [isMoving, endpoints, deliveries])
  const endpoint = open !== null && 'endpoint' in open ? open.endpoint : null
  return (
    <>
      <header class="page-head">
        <h1>Webhooks</h1>
        <div class="actions">
          <button type="button" onClick={() => setOpen({ what: 'callback' })}>
            Callback secret…
          </button>
          <button type="button" class="main" onClick={() => setOpen({ what: 'create' })}>
            Register an endpoint…
          </button>
        </div>
      </header>
      <section class="area" aria-label="Endpoints">
        <List of={endpoints} empty={<NoEndpoints />}>
          {(items) => <Endpoints items={items} reload={reload} onOpen={(what, one) => setOpen({ what, endpoint: one })} />}
        </List>
      </section>
      {endpoints.items.value !== undefined && (
        <section class="area" aria-labelledby="deliveries">
          <div class="area-head">
            <h2 id="deliveries">Deliveries</h2>
            <p class="muted">newest first, kept for 30 days</p>
          </div>
          <List of={deliveries} empty={<p class="muted">Nothing was sent yet.</p>}>
            {(items) => <Deliveries items={items} endpoints={endpoints.items.value ?? []} reload={reload} />}
          </List>
        </section>
      )}

      <Dialog
        title={open?.what === 'edit' ? 'Change the endpoint' : 'Register an endpoint'}
        isOpen={open?.what === 'create' || open?.what === 'edit'}
        onClose={close}
      >
        <EndpointForm
          endpoint={endpoint}
          onClose={close}
          onDone={(secret) => {
            void reload()
            setOpen(secret === null ? null : { what: 'secret', title: 'The endpoint’s secret', secret })
          }}
        />
      </Dialog>
      <Dialog title={open?.what === 'secret' ? open.title : ''} isOpen={open?.what === 'secret'} onClose={close}>
        {open?.what === 'secret' && <SecretShown secret={open.secret} onClose={close} />}
      </Dialog>
      <Confirm
        title="Get a new secret for callbacks?"
        isOpen={open?.what === 'callback'}
        onClose={() => setOpen((now) => (now?.what === 'callback' ? null : now))}
        action="Get a new secret"
        tone="main"
        onConfirm={async () =>
          setOpen({ what: 'secret', title: 'The secret for callbacks', secret: await send<Secret>('POST', '/webhooks/secret') })
        }
      >
        <p>
          It signs what goes to a <code>callback_url</code>. The one before signs along for 24 hours.
        </p>
      </Confirm>
      <Confirm
        title="Get a new secret for this endpoint?"
        isOpen={open?.what === 'rotate'}
        onClose={() => setOpen((now) => (now?.what === 'rotate' ? null : now))}
        action="Rotate"
        tone="main"
        onConfirm={async () => {
          const secret = await send<Secret>('POST', `/webhooks/${endpoint!.id}/rotate`)
          setOpen({ what: 'secret', title: 'The endpoint’s new secret', secret })
          void endpoints.reload()
        }}
      >
        <p>The one before signs along for 24 hours: change the receiver in that time.</p>
      </Confirm>
      <Confirm
        title="Delete this endpoint?"
        isOpen={open?.what === 'delete'}
        onClose={close}
        action="Delete"
        onConfirm={async () => {
          await send('DELETE', `/webhooks/${endpoint!.id}`)
          note('pass', 'The endpoint is deleted')
          await reload()
        }}
      >
        <p>
          <code>{visible(endpoint?.url ?? '')}</code> gets nothing any more, and what is on its way to it is given up.
        </p>
      </Confirm>
      <Confirm
        title="Send everything that failed again?"
        isOpen={open?.what === 'replay'}
        onClose={close}
        action="Replay"
        tone="main"
        onConfirm={async () => {
          const { replayed } = await send<{ replayed: number }>('POST', `/webhooks/${endpoint!.id}/replay`, {})
          note('pass', replayed === 0 ? 'Nothing has failed' : `${replayed} on their way again`)
          await reload()
        }}
      >
        <p>
          Everything for <code>{visible(endpoint?.url ?? '')}</code> that was given up, or waits for another attempt, under the same{' '}
          <code>webhook-id</code>: a receiver that remembers ids does nothing twice.
        </p>
      </Confirm>
    </>
  )
}

function SecretShown({ secret: { secret, public_key }, onClose }: { readonly secret: Secret; onClose(): void }) {
  return (
    <div class="stack">
      <Once label="Secret" secret={secret} hint="Verify signatures `v1` with it, as Standard Webhooks says. It is shown this once." />
      <div class="field">
        <span class="label">Public key, for v1a</span>
        <code>{public_key}</code>
      </div>
      <button type="button" class="main" onClick={onClose}>
        I stored it
      </button>
    </div>
  )
}

function NoEndpoints() {
  return (
    <Empty title="No endpoints yet">
      <p>An endpoint gets a signed POST for each run, approval, rollback and alert, as Standard Webhooks says.</p>
      <pre class="code">{`curl -X POST ${location.origin}/webhooks \\
  -H "X-Enact-Api-Key: $ENACT_ADMIN_KEY" -H 'Content-Type: application/json' \\
  -d '{"url":"https://example.com/hooks/enact","types":["run.blocked","hitl.requested"]}'`}</pre>
    </Empty>
  )
}
