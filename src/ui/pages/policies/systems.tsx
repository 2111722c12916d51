// The allow list: systems with what is missing to switch them on, workflows, and actions that may be asked for by themselves.
import { Badge } from '../../parts/badge.tsx'
import type { ActionShown, Configured } from './wire.ts'

export function Systems({ config: { systems, workflows, actions } }: { readonly config: Configured }) {
  return (
    <div class="columns lists">
      <section class="area" aria-labelledby="systems">
        <div class="area-head">
          <h2 id="systems">Systems</h2>
        </div>
        <div class="card">
          {systems.map(({ system, missing, actions: has }) => (
            <div key={system} class="part">
              <p class="row">
                <strong>{system}</strong>
                {missing === null ? <Badge tone="pass">On</Badge> : <Badge tone="none">Off</Badge>}
                {missing !== null && (
                  <span class="muted">
                    set <code>{missing}</code> to switch it on
                  </span>
                )}
              </p>
              <ul class="actions-list">
                {has.map((action) => (
                  <Action key={action.action} {...action} />
                ))}
              </ul>
            </div>
          ))}
          {systems.length === 0 && <p class="part muted">No system is configured: agents can do nothing.</p>}
        </div>
      </section>
      <section class="area" aria-labelledby="workflows">
        <div class="area-head">
          <h2 id="workflows">What may be asked for</h2>
        </div>
        <div class="card">
          <section>
            <h3>Workflows</h3>
            <dl class="defs">
              {workflows.map(({ id, title }) => (
                <div key={id}>
                  <dt>
                    <code>{id}</code>
                  </dt>
                  <dd>{title}</dd>
                </div>
              ))}
            </dl>
            {workflows.length === 0 && <p class="muted">none</p>}
          </section>
          <section>
            <h3>Actions by themselves</h3>
            <p class="codes">
              {actions.map((action) => (
                <code key={action}>{action} </code>
              ))}
              {actions.length === 0 && <span class="muted">none</span>}
            </p>
          </section>
          <section>
            <p class="muted">What is not here does not exist: asking for it is a block with a receipt.</p>
          </section>
        </div>
      </section>
    </div>
  )
}

function Action({ action, title, mutates, reversible }: ActionShown) {
  return (
    <li>
      <code>{action}</code> <span class="muted">{title}</span>
      <span class={mutates && !reversible ? 'final' : 'muted'}>
        {mutates ? (reversible ? 'can be undone' : 'cannot be undone') : 'reads'}
      </span>
    </li>
  )
}
