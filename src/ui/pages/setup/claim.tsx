// The claim of a fresh installation: whoever knows its secret makes the first team, once.
import { useRef, useState } from 'preact/hooks'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { useSending } from '../../parts/sending.ts'
import { send } from '../../shell/api.ts'
import { pathOf } from '../../shell/pages.ts'

/** `POST /setup`. */
export interface Claimed {
  readonly team_id: string
  readonly id: string
  readonly key: string
}

const TEAM_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/

export function Claim({ onClaimed }: { onClaimed(claimed: Claimed): void }) {
  const sending = useSending()
  const secret = useRef<HTMLInputElement>(null)
  const [team, setTeam] = useState('')
  const [name, setName] = useState('')
  const submit = async () => {
    const given = secret.current?.value ?? ''
    if (given === '') return sending.refuse('/secret', 'paste the ENACT_SECRET of this installation')
    if (!TEAM_ID.test(team)) return sending.refuse('/team_id', 'must be 1 to 63 of a-z, 0-9, - and _, not beginning with - or _')
    const body = { secret: given, team_id: team, ...(name.trim() === '' ? {} : { name: name.trim() }) }
    const done = await sending.run(() => send<Claimed>('POST', '/setup', body))
    if (done !== undefined) return onClaimed(done)
    if (sending.code.value === 'unauthorized') sending.refuse('/secret', 'this is not the ENACT_SECRET of this installation')
  }
  return (
    <section class="narrow">
      <div class="card">
        <div class="part stack">
          <h1>Claim this installation</h1>
          <p class="muted">Nobody has yet. Whoever knows its ENACT_SECRET makes the first team and its admin key, once.</p>
          <Form sending={sending} onSubmit={() => void submit()} fields={['/secret', '/team_id', '/name']}>
            <Field
              label="ENACT_SECRET"
              wrong={sending.wrongAt('/secret')}
              hint="As given to `wrangler secret put ENACT_SECRET`; in dev, as `npm run dev` prints it."
            >
              {(props) => (
                <input
                  {...props}
                  ref={secret}
                  class="code"
                  type="password"
                  name="secret"
                  autocomplete="off"
                  spellcheck={false}
                  maxLength={1024}
                />
              )}
            </Field>
            <Field
              label="Team"
              wrong={sending.wrongAt('/team_id')}
              hint="A short id, like `acme`: it stands in every receipt and never changes."
            >
              {(props) => (
                <input
                  {...props}
                  class="code"
                  name="team_id"
                  autocomplete="off"
                  autocapitalize="none"
                  spellcheck={false}
                  maxLength={63}
                  value={team}
                  onInput={(event) => setTeam(event.currentTarget.value)}
                />
              )}
            </Field>
            <Field label="Name (optional)" wrong={sending.wrongAt('/name')}>
              {(props) => (
                <input
                  {...props}
                  name="name"
                  autocomplete="organization"
                  maxLength={128}
                  value={name}
                  onInput={(event) => setName(event.currentTarget.value)}
                />
              )}
            </Field>
            <Submit sending={sending} busy="Claiming…">
              Make the team
            </Submit>
          </Form>
        </div>
      </div>
      <p class="below muted">
        Has somebody claimed it already? <a href={pathOf('sign-in')}>Sign in</a>.
      </p>
    </section>
  )
}
