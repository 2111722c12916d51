// Sign in: a key becomes a session. The key is in this field and in one request, nowhere else: not in the address, not in storage, not in the history.
import { useEffect, useRef, useState } from 'preact/hooks'
import { goTo, place } from '../../shell/place.ts'
import { pathOf } from '../../shell/pages.ts'
import { session, sessionProblem, signIn, wantedPage } from '../../shell/session.ts'
import { Field, Form, Submit } from '../../parts/form.tsx'
import { useSending } from '../../parts/sending.ts'
import { looksLikeKey } from './key_text.ts'

export default function SignIn() {
  const who = session.value
  const [isStaying, setStaying] = useState(false)
  const wantsOther = place.value.params.get('then') === null
  // Cloudflare Access has let them in already: there is nothing to sign in to.
  const isIn = who !== null && who !== undefined && !isStaying
  useEffect(() => {
    if (isIn && !wantsOther) goTo(wantedPage())
  }, [isIn, wantsOther])
  if (who === undefined && sessionProblem.value === null) return <p class="loading">Loading…</p>
  if (who && !isStaying) {
    return (
      <section class="narrow card">
        <div class="part stack">
          <h1>You are signed in</h1>
          <p>
            Team <strong>{who.team_id}</strong>, as {who.user_email ?? `key ${who.api_key_id ?? ''}`} (<code>{who.scopes.join(', ')}</code>
            ).
          </p>
          <div class="row">
            <a class="button" href={wantedPage()}>
              Go on
            </a>
            <button type="button" onClick={() => setStaying(true)}>
              Use another key
            </button>
          </div>
        </div>
      </section>
    )
  }
  return <KeyForm onSend={() => setStaying(true)} />
}

/** `onSend`: from now on the form says where to go, and nothing else does. */
function KeyForm({ onSend }: { onSend(): void }) {
  const sending = useSending()
  const field = useRef<HTMLInputElement>(null)
  const [isShown, setShown] = useState(false)
  useEffect(() => field.current?.focus(), [])
  const submit = async () => {
    // The field holds the key, no state of ours does.
    const key = field.current?.value.trim() ?? ''
    if (key === '') return sending.refuse('/key', 'paste a key')
    if (!looksLikeKey(key)) return sending.refuse('/key', 'this is no key of Enact: one begins with `enact_live_` and has no spaces')
    const then = wantedPage()
    onSend()
    const done = await sending.run(() => signIn(key).then(() => true))
    if (done === true) {
      if (field.current) field.current.value = ''
      goTo(then)
    } else if (sending.code.value === 'unauthorized') sending.refuse('/key', 'this key is not known, was revoked, or has expired')
  }
  return (
    <section class="narrow">
      <div class="card">
        <div class="part stack">
          <h1>Sign in</h1>
          <Form sending={sending} onSubmit={() => void submit()} fields={['/key']}>
            <Field
              label="Key"
              wrong={sending.wrongAt('/key')}
              hint="A session lasts 12 hours, may do what the key may, and ends when the key is revoked. The key itself is not kept by the browser."
            >
              {(props) => (
                <span class="once-row">
                  <input
                    {...props}
                    ref={field}
                    class="code"
                    type={(isShown ? 'text' : 'password') as 'password'}
                    name="key"
                    autocomplete="current-password"
                    autocapitalize="none"
                    spellcheck={false}
                    maxLength={256}
                    required
                  />
                  <button type="button" aria-pressed={isShown} onClick={() => setShown(!isShown)}>
                    {isShown ? 'Hide' : 'Show'}
                    <span class="unseen"> the key</span>
                  </button>
                </span>
              )}
            </Field>
            <Submit sending={sending} busy="Signing in…">
              Sign in
            </Submit>
          </Form>
        </div>
      </div>
      <p class="below muted">
        No key yet? On a fresh installation, <a href={pathOf('setup')}>claim it with ENACT_SECRET</a>. Else ask an admin for one: Agents,
        “Create a key”.
      </p>
    </section>
  )
}
