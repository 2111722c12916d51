// What an installation knows of how far it is set up.

/** For one team, but for `url` and the channels, which all teams share. */
export interface SetupFacts {
  readonly admin_keys: number
  readonly has_approver: boolean
  /** An endpoint that has answered its ping. */
  readonly has_webhook: boolean
  readonly has_receipt: boolean
  /** ENACT_URL; null = not set. */
  readonly url: string | null
  readonly has_mail: boolean
  readonly has_slack: boolean
}

export interface SetupState {
  /** Whether any team exists. Rejects where the database does not answer. */
  isClaimed(): Promise<boolean>
  of(teamId: string, now: number): Promise<SetupFacts>
}
