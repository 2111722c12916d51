// What is not changed here, with how it is changed; and the session.
import { useState } from 'preact/hooks'
import { note } from '../../parts/notes.tsx'
import { Facts } from '../../parts/facts.tsx'
import { Time } from '../../parts/time.tsx'
import { tell } from '../../shell/api.ts'
import { session, signOut } from '../../shell/session.ts'

const ROTATE = `# the old one goes on verifying
npx wrangler secret put ENACT_SECRET_PREVIOUS
npx wrangler secret put ENACT_SECRET`

export function Secrets() {
  const who = session.value
  const [isBusy, setBusy] = useState(false)
  const leave = async () => {
    setBusy(true)
    try {
      await signOut()
    } catch (error) {
      note('block', tell(error))
      setBusy(false)
    }
  }
  return (
    <div class="columns even">
      <section class="card part stack" aria-labelledby="rotation">
        <h2 id="rotation">Signing secret</h2>
        <p>
          Every key derives from <code>ENACT_SECRET</code>, which this page can neither read nor change. To rotate it, put the old one
          beside the new one; receipts that it signed verify for good, and its public keys stay published.
        </p>
        <pre class="code">{ROTATE}</pre>
        <p class="muted">
          API keys are under <a href="/app/agents">Agents</a>, webhook secrets under <a href="/app/webhooks">Webhooks</a>.
        </p>
      </section>
      {who && (
        <section class="card part stack" aria-labelledby="session">
          <h2 id="session">Session</h2>
          <Facts
            rows={[
              ['Team', who.team_name === null ? who.team_id : `${who.team_name} (${who.team_id})`],
              ['Signed in', who.via === 'access' ? 'by Cloudflare Access' : `by key ${who.api_key_id ?? ''}`],
              who.user_email === null ? null : ['As', who.user_email],
              ['May', who.scopes.join(', ')],
              who.expires_at === null ? null : ['Until', <Time at={who.expires_at} />]
            ]}
          />
          {who.via === 'key' ? (
            <p>
              <button type="button" disabled={isBusy} onClick={() => void leave()}>
                {isBusy ? 'Signing out…' : 'Sign out'}
              </button>
            </p>
          ) : (
            <p class="muted">Cloudflare Access ends it.</p>
          )}
          <p class="muted">Revoking the key ends every session that it began.</p>
        </section>
      )}
    </div>
  )
}
