// What is configured: policies with their parameters, what they guard and stopped; and the systems, workflows and actions that exist at all.
import { visible } from '../../../engine/visible.ts'
import { Badge } from '../../parts/badge.tsx'
import { Copy } from '../../parts/copy.tsx'
import { Placeholder } from '../../parts/list.tsx'
import { useResource } from '../../parts/resource.ts'
import { Time } from '../../parts/time.tsx'
import { Said } from '../../parts/told.tsx'
import { Trouble } from '../../parts/trouble.tsx'
import { get } from '../../shell/api.ts'
import { place, setParams } from '../../shell/place.ts'
import { matchesFilter, paramLines } from './params_text.ts'
import { Systems } from './systems.tsx'
import type { Configured as ConfiguredShown, PolicyShown } from './wire.ts'

export function Configured() {
  const config = useResource((abort) => get<ConfiguredShown>('/policies', {}, abort), [])
  const { value, problem } = config
  const filter = place.value.params.get('filter') ?? ''
  const shown = value.value?.data.filter((policy) => matchesFilter(policy, filter))
  return (
    <>
      <div class="area-head">
        {value.value && <p class="muted">{`${value.value.data.length} on · every one is judged, the strictest wins`}</p>}
        <div class="actions">
          <input
            class="filter"
            type="search"
            aria-label="Filter policies"
            placeholder="Filter policies"
            value={filter}
            onInput={(event) => setParams({ filter: event.currentTarget.value })}
          />
        </div>
      </div>
      {problem.value !== null && <Trouble text={problem.value} again={() => void config.reload()} />}
      {value.value === undefined && problem.value === null && <Placeholder />}
      {shown && shown.length === 0 && <p class="muted">No policy has that in it.</p>}
      {shown && shown.length > 0 && <Table policies={shown} />}
      {value.value && (
        <>
          <Systems config={value.value} />
          <Change digest={value.value.config_digest} />
        </>
      )}
    </>
  )
}

function Table({ policies }: { readonly policies: readonly PolicyShown[] }) {
  return (
    <table class="sheet configured">
      <thead>
        <tr>
          <th scope="col">Policy</th>
          <th scope="col">Parameters</th>
          <th scope="col">Guards</th>
          <th scope="col">Mode</th>
          <th scope="col" class="number">
            Blocks in 24 h
          </th>
        </tr>
      </thead>
      <tbody>
        {policies.map((policy) => (
          <Row key={`${policy.policy} ${JSON.stringify(policy.params)} ${String(policy.on)}`} policy={policy} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ policy: { policy, title, params, on, facts, mode, blocks_24h, last_blocks } }: { readonly policy: PolicyShown }) {
  const lines = paramLines(params)
  return (
    <tr>
      <td class="fills">
        <code>{policy}</code>
        <span class="under">
          <Said text={title} />
        </span>
      </td>
      <td class="fills">
        {lines.length === 0 && <span class="muted">none</span>}
        {lines.map(({ name, value }) => (
          <span key={name} class="line">
            <span class="muted">{name}</span> <code>{visible(value)}</code>
          </span>
        ))}
      </td>
      <td class="fills" data-label="guards">
        {on === null ? <span class="muted">every request it can read</span> : <code>{on.join(' ')}</code>}
        {facts.length > 0 && (
          <span class="under">
            reads <code>{facts.join(' ')}</code>
          </span>
        )}
      </td>
      <td class="is-narrow">
        <Badge tone={mode === 'enforce' ? 'pass' : 'held'}>{mode === 'enforce' ? 'Enforce' : 'Shadow'}</Badge>
      </td>
      <td class="number is-narrow" data-label="blocks in 24 h">
        {blocks_24h === 0 ? <span class="muted">0</span> : <a href={`/app/?q=policy:${policy} decision:block since:24h`}>{blocks_24h}</a>}
        {last_blocks.length > 0 && (
          <details class="blocks">
            <summary>last {last_blocks.length}</summary>
            <ul>
              {last_blocks.map(({ run_id, at, reason, workflow, user_email }) => (
                <li key={run_id}>
                  <a href={`/app/receipt?id=${run_id}`}>
                    <Time at={at} />
                  </a>{' '}
                  <code>{visible(workflow)}</code> {visible(user_email)}
                  {reason !== null && (
                    <span class="under">
                      <Said text={reason} />
                    </span>
                  )}
                </li>
              ))}
            </ul>
          </details>
        )}
      </td>
    </tr>
  )
}

const SNIPPET = `// enact.config.ts
policies: [
  policies.requireBranchPrefix({ prefix: 'agent/' }),
  policies.requireApproval({ needed: 2 }, { on: ['merge_pr'] })
]`

function Change({ digest }: { readonly digest: string }) {
  return (
    <section class="area" aria-labelledby="change">
      <div class="area-head">
        <h2 id="change">How to change it</h2>
        <div class="actions">
          <Copy text={SNIPPET}>Copy</Copy>
        </div>
      </div>
      <p>
        Policies live in git, not here: edit <code>enact.config.ts</code>, test with <code>npx enact policy test</code>, deploy. Every
        receipt names the configuration it was judged by. What changes hourly is a fact, under <a href="/app/settings">Settings</a>.
      </p>
      <pre class="code snippet">{SNIPPET}</pre>
      <p class="muted">
        This configuration: <code>{digest}</code>
      </p>
    </section>
  )
}
