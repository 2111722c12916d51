// Exports: a signed ZIP of a period for auditors, made in the background, with what is inside and how to verify it without this server.
import { useEffect, useState } from 'preact/hooks'
import { Badge } from '../../parts/badge.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Copy } from '../../parts/copy.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import { usePaged } from '../../parts/paged.ts'
import { useSending } from '../../parts/sending.ts'
import { Time } from '../../parts/time.tsx'
import { send } from '../../shell/api.ts'
import { lastMonth, periodOf, sizeText, type Export } from './wire.ts'

const EVERY_MS = 1_500
const VERIFY = 'npx enact receipts verify enact-export.zip'

export default function Exports() {
  const list = usePaged<Export>('/exports')
  const [deleting, setDeleting] = useState<Export | null>(null)
  const isRunning = list.items.value?.some(({ status }) => status === 'RUNNING') ?? false
  useEffect(() => {
    if (!isRunning) return undefined
    const timer = setInterval(() => {
      if (!document.hidden) void list.reload()
    }, EVERY_MS)
    return () => clearInterval(timer)
  }, [isRunning, list])
  const remove = async ({ export_id }: Export) => {
    await send('DELETE', `/exports/${export_id}`)
    note('pass', 'The export is deleted; the receipts stay')
    await list.reload()
  }
  return (
    <>
      <header class="page-head">
        <h1>Compliance exports</h1>
      </header>
      <div class="columns">
        <div class="stack">
          <Start onStarted={() => void list.reload()} />
          <section aria-label="Exports">
            <List of={list} empty={<NoExports />}>
              {(items) => (
                <ul class="card exports">
                  {items.map((one) => (
                    <Row key={one.export_id} one={one} onDelete={setDeleting} />
                  ))}
                </ul>
              )}
            </List>
          </section>
        </div>
        <Inside />
      </div>
      <Confirm
        title="Delete this export?"
        isOpen={deleting !== null}
        onClose={() => setDeleting(null)}
        action="Delete"
        onConfirm={() => (deleting === null ? Promise.resolve() : remove(deleting))}
      >
        <p>The file goes; the receipts in it stay, and it can be made again.</p>
      </Confirm>
    </>
  )
}

function Start({ onStarted }: { onStarted(): void }) {
  const sending = useSending()
  const [given, setGiven] = useState(() => lastMonth(new Date()))
  const submit = async () => {
    const period = periodOf(given.from, given.to)
    if ('wrong' in period) return sending.refuse(period.pointer, period.wrong)
    const made = await sending.run((key) => send<Export>('POST', '/exports', period, key))
    if (made === undefined) return
    note('pass', 'The export is being made')
    onStarted()
  }
  return (
    <section class="card part">
      <h2>Make an export</h2>
      <Form sending={sending} onSubmit={() => void submit()} fields={['/from', '/to']}>
        <div class="period">
          <Field label="From" wrong={sending.wrongAt('/from')}>
            {(props) => (
              <input
                {...props}
                type="date"
                value={given.from}
                onInput={(event) => setGiven({ ...given, from: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label="To, inclusive" wrong={sending.wrongAt('/to')}>
            {(props) => (
              <input {...props} type="date" value={given.to} onInput={(event) => setGiven({ ...given, to: event.currentTarget.value })} />
            )}
          </Field>
          <Submit sending={sending} busy="Starting…">
            Start
          </Submit>
        </div>
        <p class="muted">Days in UTC. It is made in the background: this page may be closed.</p>
      </Form>
    </section>
  )
}

function Row({ one, onDelete }: { readonly one: Export; onDelete(one: Export): void }) {
  const { export_id, status, done, total, size_bytes, detail = null, from, to, created_at, expires_at } = one
  const period = `${from.slice(0, 10)} to ${new Date(Date.parse(to) - 1).toISOString().slice(0, 10)}`
  return (
    <li class="part">
      <div class="row">
        {status === 'DONE' && <Badge tone="pass">Ready</Badge>}
        {status === 'RUNNING' && <Badge tone="held">Being made</Badge>}
        {status === 'FAILED' && <Badge tone="block">Failed</Badge>}
        <strong>{period}</strong>
        <span class="cell-actions end">
          {status === 'DONE' && (
            <a class="button" href={`/exports/${export_id}/file`} download={`enact-export-${from.slice(0, 10)}.zip`}>
              Download<span class="unseen"> {period}</span>
            </a>
          )}
          <button type="button" onClick={() => onDelete(one)}>
            Delete…<span class="unseen"> {period}</span>
          </button>
        </span>
      </div>
      {status === 'RUNNING' && <progress aria-label={`Progress of ${period}`} max={Math.max(1, total)} value={done} />}
      <p class="muted">
        {status === 'FAILED'
          ? `It could not be made${detail === null ? '' : `: ${detail}`}. Start it again`
          : `${done.toLocaleString('en-US')}${status === 'RUNNING' ? ` of ${total.toLocaleString('en-US')}` : ''} receipts`}
        {status === 'DONE' && size_bytes !== null && ` · ${sizeText(size_bytes)}`} · made <Time at={created_at} />
        {expires_at !== null && status === 'DONE' && (
          <>
            {' '}
            · kept until <Time at={expires_at} />
          </>
        )}
      </p>
    </li>
  )
}

const CONTENTS = [
  ['receipts/', 'every receipt of the period as a DSSE envelope: its exact bytes and its signatures'],
  ['checkpoints.ndjson', 'the signed tree heads, as C2SP signed notes'],
  ['proofs.ndjson', 'the inclusion proof of each receipt'],
  ['keys.json', 'the public keys, old ones too'],
  ['summary.csv', 'one line a receipt, for a spreadsheet'],
  ['gaps.json', 'a statement that no number is missing, or which and why'],
  [
    'README.md',
    'what it is and how to check it, with mappings to SOC 2, ISO 27001 A.8.15, GDPR Art. 30, EU AI Act Art. 12 and 19, HIPAA 164.312(b)'
  ]
] as const

function Inside() {
  return (
    <aside class="card" aria-label="What is inside">
      <section>
        <h2>What is inside</h2>
        <dl class="defs">
          {CONTENTS.map(([name, about]) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{about}</dd>
            </div>
          ))}
        </dl>
      </section>
      <section class="stack-tight">
        <h2>Verify it, without this server</h2>
        <p>
          It needs nothing but the file. Whoever trusts nobody adds <code>--keys</code> with the keys that they stored before.
        </p>
        <pre class="code">{VERIFY}</pre>
        <p>
          <Copy text={VERIFY}>Copy</Copy>
        </p>
      </section>
    </aside>
  )
}

function NoExports() {
  return (
    <Empty title="No exports yet">
      <p>Start one above, or by API:</p>
      <pre class="code">{`curl -X POST ${location.origin}/exports \\
  -H "X-Enact-Api-Key: $ENACT_API_KEY" -H 'Content-Type: application/json' \\
  -d '{"from":"2026-10-01T00:00:00Z","to":"2026-11-01T00:00:00Z"}'`}</pre>
    </Empty>
  )
}
