// What the page and the playground's worker say to each other. Everything is text or plain data: the worker trusts none of it.
import type { PolicyResult } from '../../engine/schema.ts'

/** One field of a request as it is typed. `json` is the whole payload; an empty field is left out of it. */
export interface Field {
  readonly name: string
  readonly label: string
  readonly kind: 'line' | 'lines' | 'list' | 'number' | 'json'
}

/** A kind of request: an action of one system, what is typed for it, and the policies that are offered. */
export interface Scene {
  readonly id: string
  readonly title: string
  readonly system: string
  readonly action: string
  readonly fields: readonly Field[]
  readonly examples: readonly { readonly label: string; readonly values: Readonly<Record<string, string>> }[]
  readonly policies: readonly { readonly id: string; readonly on: boolean; readonly params?: Readonly<Record<string, string>> }[]
}

/** A policy's parameter as a form shows it, read from its schema. `list` is typed with commas. */
export interface Param {
  readonly name: string
  readonly kind: 'text' | 'list' | 'number'
  /** What the schema gives by itself; empty where the parameter must be given. */
  readonly initial: string
}

/** A policy as the catalogue has it. */
export interface PolicyCard {
  readonly id: string
  readonly title: string
  readonly params: readonly Param[]
}

/** One question. `id` grows: an answer to an older one is late, and is dropped. */
export interface Ask {
  readonly kind: 'judge'
  readonly id: number
  readonly scene: string
  readonly values: Readonly<Record<string, string>>
  readonly policies: readonly { readonly id: string; readonly params: Readonly<Record<string, string>> }[]
  readonly frozen: boolean
  readonly role: string
  readonly clearance: string
}

/** The worker's word. `ready` comes once, with the catalogue; `parsers` when the SQL parser is in. */
export type Told =
  | { readonly kind: 'ready'; readonly cards: readonly PolicyCard[] }
  | { readonly kind: 'judged'; readonly id: number; readonly verdict: Judgement }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }

/** What the engine made of it. A request that waits for a person has no receipt yet. */
export interface Judgement {
  readonly decision: 'PASS' | 'BLOCK' | 'HOLD'
  readonly results: readonly PolicyResult[]
  readonly receipt: string | null
  /** `sha256:` of the signed bytes: RFC 8785 in the DSSE frame. */
  readonly digest: string | null
  readonly proof: string
  /** These policies as they would stand in enact.config.ts. */
  readonly config: string
  readonly micros: number
}
