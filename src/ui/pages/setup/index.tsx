// Set up: claims a fresh installation with its secret; afterwards what is left to do; where an installation refuses to serve, why.
import { useState } from 'preact/hooks'
import { Trouble } from '../../parts/trouble.tsx'
import { useResource } from '../../parts/resource.ts'
import { get, tell } from '../../shell/api.ts'
import { pathOf } from '../../shell/pages.ts'
import { may, session, signIn } from '../../shell/session.ts'
import { note } from '../../parts/notes.tsx'
import { Once } from '../../parts/once.tsx'
import { Checklist } from './checklist.tsx'
import { Claim, type Claimed } from './claim.tsx'
import { Refusal } from './refusal.tsx'

/** `GET /setup`. */
interface Setup {
  readonly claimed: boolean
  readonly refusal: string | null
}

export default function SetUp() {
  const setup = useResource((abort) => get<Setup>('/setup', {}, abort), [])
  const [claimed, setClaimed] = useState<Claimed | null>(null)
  const signedIn = () => {
    setClaimed(null)
    void setup.reload()
  }
  if (claimed !== null) return <FirstKey claimed={claimed} onSignedIn={signedIn} />
  const { value, problem } = setup
  if (value.value === undefined) {
    if (problem.value !== null) return <Trouble text={problem.value} again={() => void setup.reload()} />
    return <p class="loading">Loading…</p>
  }
  if (value.value.refusal !== null) return <Refusal text={value.value.refusal} again={() => void setup.reload()} />
  if (!value.value.claimed) return <Claim onClaimed={setClaimed} />
  if (session.value && may('admin')) return <Checklist />
  return (
    <section class="narrow card">
      <div class="part stack">
        <h1>This installation is set up</h1>
        <p>It has been claimed: its admins make further teams and keys.</p>
        <p class="muted">What is left to do is shown to admins.</p>
        <p>
          <a class="button" href={`${pathOf('sign-in')}?then=${pathOf('setup')}`}>
            Sign in
          </a>
        </p>
      </div>
    </section>
  )
}

/** The key is shown until its reader says that it is stored; then it signs in. */
function FirstKey({ claimed, onSignedIn }: { readonly claimed: Claimed; onSignedIn(): void }) {
  const [isBusy, setBusy] = useState(false)
  const go = async () => {
    setBusy(true)
    try {
      await signIn(claimed.key)
      onSignedIn()
    } catch (error) {
      note('block', tell(error))
      setBusy(false)
    }
  }
  return (
    <section class="narrow card">
      <div class="part stack">
        <h1>Team {claimed.team_id} is made</h1>
        <p>This is its first admin key. Enact keeps only a hash: nobody can show it again.</p>
        <Once
          label="Admin key"
          secret={claimed.key}
          hint="Put it into your password manager now. It may do everything but approve: whoever administers does not decide."
        />
        <button type="button" class="main" disabled={isBusy} onClick={() => void go()}>
          {isBusy ? 'Signing in…' : 'I stored it: sign in'}
        </button>
      </div>
    </section>
  )
}
