// People: who is asked, how they are reached, and what policies may believe of whom.
import { useState } from 'preact/hooks'
import { visible } from '../../../engine/visible.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { Empty } from '../../parts/empty.tsx'
import { List } from '../../parts/list.tsx'
import { note } from '../../parts/notes.tsx'
import type { Paged } from '../../parts/paged.ts'
import { ReceiptLink } from '../../parts/receipt_link.tsx'
import { send } from '../../shell/api.ts'
import { PersonFields } from './person_fields.tsx'
import type { Person } from './person.ts'

export function People({ people }: { readonly people: Paged<Person> }) {
  const [open, setOpen] = useState<{ readonly person: Person | null } | null>(null)
  const [removing, setRemoving] = useState<Person | null>(null)
  const [receipt, setReceipt] = useState<string | null>(null)
  const remove = async ({ person_id, email }: Person) => {
    await send('DELETE', `/people/${encodeURIComponent(person_id)}`)
    note('pass', `${email} is removed`)
    await people.reload()
  }
  return (
    <section class="area" aria-labelledby="people">
      <div class="area-head">
        <h2 id="people">People</h2>
        <ReceiptLink id={receipt} />
        <div class="actions">
          <button type="button" onClick={() => setOpen({ person: null })}>
            Add a person…
          </button>
        </div>
      </div>
      <List of={people} empty={<NoPeople />}>
        {(items) => <Table items={items} onChange={(person) => setOpen({ person })} onRemove={setRemoving} />}
      </List>
      <Dialog title={open?.person ? 'Change a person' : 'Add a person'} isOpen={open !== null} onClose={() => setOpen(null)} isWide>
        {open && (
          <PersonFields
            person={open.person}
            onClose={() => setOpen(null)}
            onDone={(run_id) => {
              setReceipt(run_id)
              setOpen(null)
              void people.reload()
            }}
          />
        )}
      </Dialog>
      <Confirm
        title="Remove this person?"
        isOpen={removing !== null}
        onClose={() => setRemoving(null)}
        action="Remove"
        onConfirm={() => (removing === null ? Promise.resolve() : remove(removing))}
      >
        <p>
          <strong>{visible(removing?.email ?? '')}</strong> is not asked any more, and policies believe nothing of them. Approvals that are
          open keep whom they asked.
        </p>
      </Confirm>
    </section>
  )
}

interface TableProps {
  readonly items: readonly Person[]
  onChange(person: Person): void
  onRemove(person: Person): void
}

function Table({ items, onChange, onRemove }: TableProps) {
  return (
    <table class="sheet">
      <thead>
        <tr>
          <th scope="col">Person</th>
          <th scope="col">Roles</th>
          <th scope="col">Reached by</th>
          <th scope="col" class="number">
            Clearance
          </th>
          <th scope="col" class="number">
            Asked
          </th>
          <th scope="col">
            <span class="unseen">What can be done</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((person) => (
          <tr key={person.person_id}>
            <td class="fills">
              {visible(person.name ?? person.email)}
              {person.name !== null && <span class="under">{visible(person.email)}</span>}
            </td>
            <td>{person.roles.length === 0 ? <span class="muted">none</span> : person.roles.map(visible).join(', ')}</td>
            <td class="fills">
              {person.channels.map(({ kind, address }) => (
                <span key={`${kind} ${address}`} class="line">
                  <span class="muted">{kind}</span> {visible(address)}
                </span>
              ))}
            </td>
            <td class="number is-narrow" data-label="clearance">
              {person.clearance_level ?? <span class="muted">none</span>}
            </td>
            <td class="number is-narrow" data-label="asked">
              {person.roles.includes('approver') ? ordinal(person.escalation_order) : <span class="muted">never</span>}
            </td>
            <td class="is-narrow">
              <span class="cell-actions">
                <button type="button" onClick={() => onChange(person)}>
                  Change…<span class="unseen"> {person.email}</span>
                </button>
                <button type="button" onClick={() => onRemove(person)}>
                  Remove…<span class="unseen"> {person.email}</span>
                </button>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Whoever has the lowest number is asked first. */
function ordinal(order: number): string {
  return order === 0 ? 'first' : `later (${order})`
}

function NoPeople() {
  return (
    <Empty title="Nobody is registered">
      <p>
        Without an approver nobody can be asked: what a policy wants approved is blocked. Add at least one person with the role{' '}
        <code>approver</code>.
      </p>
      <pre class="code">{`curl -X POST ${location.origin}/people \\
  -H "X-Enact-Api-Key: $ENACT_ADMIN_KEY" -H 'Content-Type: application/json' \\
  -d '{"email":"ops@example.com","name":"Ops","roles":["approver"]}'`}</pre>
    </Empty>
  )
}
