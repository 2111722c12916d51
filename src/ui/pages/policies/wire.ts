// `GET /policies`: what is configured, as enact.config.ts has it for this team.
import type { Json } from '../../../engine/schema.ts'

export interface Block {
  readonly run_id: string
  readonly at: string
  readonly reason: string | null
  readonly workflow: string
  readonly user_email: string
}

export interface PolicyShown {
  readonly policy: string
  readonly title: string
  readonly params: Json
  /** The actions it guards; null = every request that it can read. */
  readonly on: readonly string[] | null
  readonly facts: readonly string[]
  readonly reads: readonly string[]
  readonly mode: 'enforce' | 'shadow'
  readonly blocks_24h: number
  readonly last_blocks: readonly Block[]
}

export interface ActionShown {
  readonly action: string
  readonly title: string
  readonly mutates: boolean
  readonly reversible: boolean
}

export interface SystemShown {
  readonly system: string
  /** What must be set to switch it on; null = it is on. */
  readonly missing: string | null
  readonly actions: readonly ActionShown[]
}

export interface Configured {
  readonly config_digest: string
  readonly data: readonly PolicyShown[]
  readonly workflows: readonly { readonly id: string; readonly title: string }[]
  readonly actions: readonly string[]
  readonly systems: readonly SystemShown[]
}
