// The search language, listed.
import { SEARCH_FIELDS } from '../../../engine/receipt_search.ts'
import { Dialog } from '../../parts/dialog.tsx'

const EXAMPLES = [
  ['customers', 'the word anywhere: names, reasons, resources, the request'],
  ['"free plan"', 'the words in this order'],
  ['decision:block,partial', 'either of them'],
  ['-agent:ci@acme.dev', 'everything but this'],
  ['workflow:postgres.*', 'whatever begins so'],
  ['policy:dont_push_to_main since:7d', 'what this policy stopped in the last week']
] as const

export function SearchHelp({ isOpen, onClose }: { readonly isOpen: boolean; onClose(): void }) {
  return (
    <Dialog title="How to search" isOpen={isOpen} onClose={onClose} isWide>
      <div class="stack">
        <p>
          Everything that is said must hold. Text is found whatever its case; the whole search stands in the address, so it can be linked.
        </p>
        <dl class="facts wide">
          {EXAMPLES.map(([text, means]) => (
            <div key={text}>
              <dt>
                <code>{text}</code>
              </dt>
              <dd>{means}</dd>
            </div>
          ))}
        </dl>
        <h3>Qualifiers</h3>
        <dl class="facts wide">
          {Object.entries(SEARCH_FIELDS).map(([field, means]) => (
            <div key={field}>
              <dt>
                <code>{field}:</code>
              </dt>
              <dd>{means.replaceAll('`', '')}</dd>
            </div>
          ))}
        </dl>
      </div>
    </Dialog>
  )
}
