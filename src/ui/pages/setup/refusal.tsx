// An installation that refuses to serve: what is wrong in its own words, and what to do.
import { Told } from '../../parts/told.tsx'

export function Refusal({ text, again }: { readonly text: string; again(): void }) {
  return (
    <section class="narrow card">
      <div class="part stack">
        <h1>This installation refuses to serve</h1>
        <div class="refusal" role="alert">
          <Told text={text} />
        </div>
        <p>
          It judges nothing and lets nothing through until that is put right: set what is missing, deploy again, and look here once more.
        </p>
        <pre class="code">{'npx wrangler secret put ENACT_SECRET\nnpm run deploy'}</pre>
        <p>
          <button type="button" onClick={again}>
            Look again
          </button>
        </p>
      </div>
    </section>
  )
}
