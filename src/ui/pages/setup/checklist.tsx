// What is left to do on an installation, with how.
import { Badge } from '../../parts/badge.tsx'
import { Trouble } from '../../parts/trouble.tsx'
import { useResource } from '../../parts/resource.ts'
import { Said } from '../../parts/told.tsx'
import { get } from '../../shell/api.ts'
import { pathOf } from '../../shell/pages.ts'

/** `GET /setup/checklist`. */
interface Step {
  readonly id: string
  readonly title: string
  readonly done: boolean
  readonly detail: string
  readonly how: string
}

export function Checklist() {
  const list = useResource(async (abort) => (await get<{ data: readonly Step[] }>('/setup/checklist', {}, abort)).data, [])
  const steps = list.value.value
  const left = steps?.filter((step) => !step.done).length ?? 0
  return (
    <>
      <header class="page-head">
        <h1>Set up</h1>
        {steps && <p class="muted">{left === 0 ? 'Everything is done' : `${steps.length - left} of ${steps.length} done`}</p>}
        <div class="actions">
          <button type="button" disabled={list.isLoading.value} onClick={() => void list.reload()}>
            Check again
          </button>
          <a class="button" href={pathOf('activity')}>
            Go to the activity
          </a>
        </div>
      </header>
      {list.problem.value !== null && <Trouble text={list.problem.value} again={() => void list.reload()} />}
      {steps === undefined && list.problem.value === null && <p class="card placeholder">Loading…</p>}
      {steps && (
        <ol class="card steps">
          {steps.map((step) => (
            <li key={step.id} class="part">
              <Badge tone={step.done ? 'pass' : 'none'}>{step.done ? 'Done' : 'To do'}</Badge>
              <div class="stack-tight">
                <h2>{step.title}</h2>
                {step.detail && <p class="muted">{step.detail}</p>}
                {!step.done && step.how && <How text={step.how} />}
              </div>
            </li>
          ))}
        </ol>
      )}
    </>
  )
}

/** A command is set as one; a page of this UI is a link. */
function How({ text }: { readonly text: string }) {
  if (/^(curl|npx|npm) /.test(text)) return <pre class="code">{text}</pre>
  const [, page = null, rest = text] = /^(\/app\/[a-z-]*)(.*)$/s.exec(text) ?? []
  return (
    <p>
      {page !== null && <a href={page}>{page}</a>}
      <Said text={rest} />
    </p>
  )
}
