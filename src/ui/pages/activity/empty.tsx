// What stands where no receipt is: how to make the first one, or which part of a search to let go.
import type { PlacedTerm } from '../../../engine/receipt_search.ts'
import { Copy } from '../../parts/copy.tsx'
import { Empty } from '../../parts/empty.tsx'
import { session } from '../../shell/session.ts'
import { without } from './query.ts'

const FOLDER_STORE = `import { EnactClient, fileReceipts } from 'enact'

const enact = new EnactClient({
  receipts: fileReceipts('receipts'),
  secret, systems, policies, workflows
})`

/** Blocked by the shipped policies, so that it needs no system and touches nothing. */
function firstRun(origin: string): string {
  const body = JSON.stringify({
    workflow: 'agent_pr_workflow',
    user_email: 'agent@company.com',
    payload: { repo: 'myorg/app', branch: 'main' }
  })
  return `curl ${origin}/runs \\\n  -H 'X-Enact-Api-Key: <a key with scope run>' \\\n  -H 'Content-Type: application/json' \\\n  -d '${body}'`
}

export function NothingYet() {
  return session.value?.via === 'folder' ? <EmptyFolder /> : <FirstRun />
}

function EmptyFolder() {
  return (
    <Empty title="No receipts yet">
      <p>
        This folder is empty. A program with the embedded client fills it, and what it adds appears here by itself; start the program with
        the folder as its store:
      </p>
      <pre class="code">{FOLDER_STORE}</pre>
    </Empty>
  )
}

function FirstRun() {
  const text = firstRun(location.origin)
  return (
    <Empty title="No receipts yet">
      <p>
        Every decision leaves one: what was asked, which policies judged it, what was done, and how to take it back. This makes the first;
        an agent that pushes to <code>main</code> is blocked, so it touches nothing:
      </p>
      <pre class="code">{text}</pre>
      <p class="row">
        <Copy text={text}>Copy the command</Copy>
        <a href="/docs">All that agents can ask</a>
      </p>
    </Empty>
  )
}

interface NoMatchProps {
  readonly query: string
  readonly terms: readonly PlacedTerm[]
  onSearch(query: string): void
}

export function NoMatch({ query, terms, onSearch }: NoMatchProps) {
  return (
    <Empty title="Nothing matches">
      <p>All parts of a search must hold. Leave one out:</p>
      <ul class="chips">
        {terms.map((term) => (
          <li key={term.start}>
            <button type="button" class="chip" onClick={() => onSearch(without(query, term))}>
              <span class="unseen">Leave out </span>
              <code>{query.slice(term.start, term.end)}</code> <span aria-hidden="true">×</span>
            </button>
          </li>
        ))}
      </ul>
      <p>
        <button type="button" onClick={() => onSearch('')}>
          Show everything
        </button>
      </p>
    </Empty>
  )
}
