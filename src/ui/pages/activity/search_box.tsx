// The search box: the query language with offers while one types; Enter searches.
import { useEffect, useId, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'
import { offersAt, type Offer } from './complete.ts'
import { readQuery } from './query.ts'

interface Props {
  /** What is searched for now. */
  readonly query: string
  readonly box: RefObject<HTMLInputElement | null>
  readonly seen: Parameters<typeof offersAt>[2]
  onSearch(query: string): void
  onHelp(): void
}

export function SearchBox({ query, box, seen, onSearch, onHelp }: Props) {
  const id = useId()
  const [text, setText] = useState(query)
  const [offers, setOffers] = useState<readonly Offer[]>([])
  const [at, setAt] = useState(-1)
  const [wrong, setWrong] = useState<string | null>(null)
  const applied = useRef(query)
  useEffect(() => {
    // The address changed: by a chip, a bar, or the browser's back button.
    if (applied.current === query) return
    applied.current = query
    setText(query)
    setWrong(readQuery(query).wrong)
  }, [query])
  useEffect(() => setWrong(readQuery(query).wrong), [])
  const offer = (input: HTMLInputElement) => {
    setOffers(offersAt(input.value, input.selectionStart ?? input.value.length, seen))
    setAt(-1)
  }
  const close = () => {
    setOffers([])
    setAt(-1)
  }
  const take = (found: Offer) => {
    setText(found.text)
    const input = box.current
    if (input === null) return
    input.value = found.text
    input.setSelectionRange(found.caret, found.caret)
    // A qualifier goes on with its values.
    if (found.shown.endsWith(':')) offer(input)
    else close()
  }
  const search = () => {
    close()
    const found = readQuery(text)
    setWrong(found.wrong)
    if (found.wrong !== null) return
    applied.current = text.trim()
    onSearch(text.trim())
  }
  const press = (event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }) => {
    const last = offers.length - 1
    if (event.key === 'ArrowDown' && offers.length === 0) offer(event.currentTarget)
    else if (event.key === 'ArrowDown' && offers.length > 0) setAt(at === last ? 0 : at + 1)
    else if (event.key === 'ArrowUp' && offers.length > 0) setAt(at <= 0 ? last : at - 1)
    else if ((event.key === 'Enter' || event.key === 'Tab') && offers[at] !== undefined) take(offers[at])
    else if (event.key === 'Escape') {
      if (offers.length > 0) close()
      else event.currentTarget.blur()
    } else if (event.key === 'Enter') search()
    else return
    if (event.key !== 'Escape') event.preventDefault()
  }
  return (
    <div class="search">
      <div class="search-row">
        <input
          ref={box}
          class="code"
          type="text"
          role="combobox"
          aria-label="Search receipts"
          aria-expanded={offers.length > 0}
          aria-controls={`${id}-offers`}
          aria-autocomplete="list"
          aria-activedescendant={offers[at] === undefined ? undefined : `${id}-${at}`}
          aria-invalid={wrong === null ? undefined : 'true'}
          aria-describedby={`${id}-wrong`}
          placeholder="decision:block agent:billing-* since:24h"
          spellcheck={false}
          autocomplete="off"
          autocapitalize="off"
          maxLength={1_000}
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value)
            setWrong(null)
            offer(event.currentTarget)
          }}
          onKeyDown={press}
          onBlur={close}
        />
        <button type="button" class="quiet help" aria-label="How to search" onClick={onHelp}>
          ?
        </button>
        <ul id={`${id}-offers`} class="offers" role="listbox" aria-label="Offers" hidden={offers.length === 0}>
          {offers.map((found, i) => (
            // The keyboard has the box; the mouse must not take the focus out of it.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={found.shown}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === at}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(found)}
            >
              <code>{found.shown}</code>
              {found.hint !== '' && <small>{found.hint}</small>}
            </li>
          ))}
        </ul>
      </div>
      <p id={`${id}-wrong`} class="search-wrong" role="alert">
        {wrong}
      </p>
    </div>
  )
}
