// Decisions over time as stacked bars. One stop for the keyboard; arrows go from bar to bar, Enter narrows the search to one.
import { useRef, useState } from 'preact/hooks'
import { counted, thousands } from '../../receipt/counted.ts'
import { shortTime } from '../../parts/time.tsx'

export interface Bucket {
  readonly at: string
  readonly pass: number
  readonly block: number
  readonly partial: number
}

/** `GET /receipts/histogram`. */
export interface Histogram {
  readonly from: string
  readonly to: string
  readonly bucket_ms: number
  readonly buckets: readonly Bucket[]
  readonly totals: { readonly receipts: number; readonly pass: number; readonly block: number; readonly partial: number }
}

interface Props {
  readonly of: Histogram | undefined
  onPick(since: string, until: string): void
}

const HEIGHT = 66
const WIDTH = 20
const STEP = 25
const LEAST = 2
const PARTS = ['pass', 'partial', 'block'] as const
const WORDS = { pass: 'passed', partial: 'partial', block: 'blocked' } as const

/** Takes its place before anything is known, so that nothing moves when it is. */
export function Bars({ of, onPick }: Props) {
  const [at, setAt] = useState(0)
  const ref = useRef<HTMLDivElement>(null)
  const buckets = of?.buckets ?? []
  const most = Math.max(1, ...buckets.map(({ pass, block, partial }) => pass + block + partial))
  const pick = (bucket: Bucket) => onPick(instant(Date.parse(bucket.at)), instant(Date.parse(bucket.at) + of!.bucket_ms))
  const go = (event: KeyboardEvent) => {
    const last = buckets.length - 1
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key]
    if (next === undefined || next < 0 || next > last) return
    event.preventDefault()
    setAt(next)
    ref.current?.querySelectorAll('button')[next]?.focus()
  }
  return (
    <figure class="bars" aria-label="Decisions over time">
      <svg viewBox={`0 0 ${Math.max(1, buckets.length * STEP - (STEP - WIDTH))} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {buckets.map((bucket, i) => {
          let top = HEIGHT
          return PARTS.map((part) => {
            if (bucket[part] === 0) return null
            const height = Math.max(LEAST, (bucket[part] / most) * (HEIGHT - 6))
            top -= height
            return (
              <rect
                key={`${bucket.at}${part}`}
                class={part}
                x={i * STEP}
                y={top}
                width={WIDTH}
                height={Math.max(1, height - (part === 'pass' ? 0 : 1))}
              />
            )
          })
        })}
      </svg>
      {buckets.length > 0 && (
        // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
        <div ref={ref} class="bars-keys" role="toolbar" aria-label="Bars: arrows move, Enter narrows the search to one" onKeyDown={go}>
          {buckets.map((bucket, i) => (
            <button
              key={bucket.at}
              type="button"
              tabIndex={i === Math.min(at, buckets.length - 1) ? 0 : -1}
              title={barText(bucket, of!.bucket_ms)}
              aria-label={barText(bucket, of!.bucket_ms)}
              onFocus={() => setAt(i)}
              onClick={() => pick(bucket)}
            />
          ))}
        </div>
      )}
      <figcaption class="bars-ends">
        <span>{of === undefined ? '\u00a0' : shortTime(of.from, Date.now())}</span>
        <span>{of !== undefined && shortTime(of.to, Date.now())}</span>
      </figcaption>
      {of !== undefined && <BarsTable of={of} />}
    </figure>
  )
}

/** What the bars show, for whoever does not see them: only stretches in which something happened. */
function BarsTable({ of: { buckets, bucket_ms } }: { readonly of: Histogram }) {
  const filled = buckets.filter(({ pass, block, partial }) => pass + block + partial > 0)
  return (
    <div class="unseen">
      <table>
        <caption>Decisions over time; {counted(buckets.length - filled.length, 'stretch', 'stretches')} without any left out</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {PARTS.map((part) => (
              <th key={part} scope="col">
                {WORDS[part]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {filled.map((bucket) => (
            <tr key={bucket.at}>
              <th scope="row">{stretch(bucket, bucket_ms)}</th>
              {PARTS.map((part) => (
                <td key={part}>{thousands(bucket[part])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function barText(bucket: Bucket, bucketMs: number): string {
  const told = PARTS.filter((part) => bucket[part] > 0).map((part) => `${thousands(bucket[part])} ${WORDS[part]}`)
  return `${stretch(bucket, bucketMs)}: ${told.length === 0 ? 'nothing' : told.join(', ')}`
}

function stretch({ at }: Bucket, bucketMs: number): string {
  const now = Date.now()
  return `${shortTime(at, now)} to ${shortTime(new Date(Date.parse(at) + bucketMs).toISOString(), now)}`
}

/** As the search language writes a moment: whole seconds, the bucket's end rounded up. */
function instant(ms: number): string {
  return new Date(Math.ceil(ms / 1_000) * 1_000).toISOString().replace('.000Z', 'Z')
}
