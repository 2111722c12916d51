// What policies blocked lately, for whoever looks at what is on.

/** One block, as far as it is told beside its policy. */
export interface PolicyBlock {
  readonly run_id: string
  readonly at: string
  readonly workflow: string
  readonly user_email: string
  /** Null where the receipt's text is not at hand: too long, or erased. */
  readonly reason: string | null
}

export interface PolicyBlocks {
  /** Of the last 24 hours; shadow and dry runs do not count. */
  readonly blocks_24h: number
  /** The newest few, newest first. */
  readonly last_blocks: readonly PolicyBlock[]
}

export interface BlockLog {
  /** By policy id, for each that is asked about. */
  of(teamId: string, policies: readonly string[], now: number): Promise<ReadonlyMap<string, PolicyBlocks>>
}
