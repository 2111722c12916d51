// Rules: what people are alerted to, how often it happened, and who wants to hear nothing of it for a while.
import { useState } from 'preact/hooks'
import { Badge } from '../../parts/badge.tsx'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import { usePaged } from '../../parts/paged.ts'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { Said } from '../../parts/told.tsx'
import { Time } from '../../parts/time.tsx'
import { send, tell } from '../../shell/api.ts'
import { may } from '../../shell/session.ts'
import { isMuted } from './mute.ts'
import { RuleDialogs, type RuleChange } from './rule_dialogs.tsx'
import { SeverityBadge } from './severity.tsx'
import { SEVERITY, type AlertRule, type Changed } from './wire.ts'

export function Rules() {
  const rules = usePaged<AlertRule>('/alert-rules', {}, 200)
  const [open, setOpen] = useState<RuleChange | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const done = async ({ run_id }: Changed, said: string) => {
    note('pass', said)
    setReceipt(run_id)
    await rules.reload()
  }
  const unmute = async ({ rule, title }: AlertRule) => {
    try {
      await done(await send<Changed>('PATCH', `/alert-rules/${encodeURIComponent(rule)}`, { muted_until: null }), `${title} is heard again`)
    } catch (error) {
      note('block', tell(error))
    }
  }
  return (
    <>
      <div class="area-head">
        <p class="muted">
          Rules stand in git, in <code>enact.config.ts</code>. What is muted is still counted and stands on the page.
        </p>
        <ReceiptLink id={receipt} />
      </div>
      <section class="area" aria-label="Rules">
        <List of={rules} empty={<p class="muted">This configuration has no rules: nobody is alerted to anything.</p>}>
          {(items) => <Table items={items} onOpen={may('admin') ? setOpen : null} onUnmute={(rule) => void unmute(rule)} />}
        </List>
      </section>
      <RuleDialogs open={open} onClose={() => setOpen(null)} onDone={done} />
    </>
  )
}

interface TableProps {
  readonly items: readonly AlertRule[]
  readonly onOpen: ((change: RuleChange) => void) | null
  onUnmute(rule: AlertRule): void
}

function Table({ items, onOpen, onUnmute }: TableProps) {
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Rule</th>
          <th scope="col">Severity</th>
          <th scope="col" class="number">
            Fired in 24 h
          </th>
          <th scope="col">Last</th>
          <th scope="col">
            <span class="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((rule) => (
          <Row key={rule.rule} rule={rule} onOpen={onOpen} onUnmute={onUnmute} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ rule: one, onOpen, onUnmute }: Omit<TableProps, 'items'> & { readonly rule: AlertRule }) {
  const { rule, title, description, severity, default_severity, muted_until, fired_24h, last_at } = one
  const muted = isMuted(muted_until, Date.now())
  return (
    <tr>
      <td class="fills">
        <strong>{title}</strong> <code class="muted">{rule}</code>
        <span class="under">
          <Said text={description} />
        </span>
      </td>
      <td class="is-narrow">
        <SeverityBadge of={severity} />
        {severity !== default_severity && <span class="under">by itself {SEVERITY[default_severity].word.toLowerCase()}</span>}
      </td>
      <td class="number is-narrow" data-label="in 24 h">
        {fired_24h === 0 ? <span class="muted">0</span> : <a href={`/app/alerts?rule=${encodeURIComponent(rule)}`}>{fired_24h}</a>}
      </td>
      <td class="is-narrow" data-label="last">
        {last_at === null ? <span class="muted">never</span> : <Time at={last_at} />}
      </td>
      <td class="is-narrow">
        {muted && (
          <span class="under">
            <Badge tone="none">Muted</Badge> until <Time at={muted_until!} />
          </span>
        )}
        {onOpen && (
          <span class="cell-actions">
            {muted ? (
              <button type="button" onClick={() => onUnmute(one)}>
                Unmute<span class="unseen"> {title}</span>
              </button>
            ) : (
              <button type="button" onClick={() => onOpen({ what: 'mute', rule: one })}>
                Mute…<span class="unseen"> {title}</span>
              </button>
            )}
            <button type="button" onClick={() => onOpen({ what: 'severity', rule: one })}>
              Severity…<span class="unseen"> {title}</span>
            </button>
          </span>
        )}
      </td>
    </tr>
  )
}
