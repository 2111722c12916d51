// What the set-up hands to the tests of the edge.

/** Private keys of a team of Cloudflare Access, as JWKs. `unlisted` is a good key that the team does not publish. */
export interface AccessKeys {
  readonly rsa: Readonly<Record<string, unknown>>
  readonly ec: Readonly<Record<string, unknown>>
  readonly unlisted: Readonly<Record<string, unknown>>
}

/** Published collections of bad input; the Worker cannot read the disk. */
export interface Corpora {
  readonly json: { readonly name: string; readonly base64: string }[]
  readonly naughty: string[]
}

declare module 'vitest' {
  export interface ProvidedContext {
    githubUrl: string
    githubToken: string
    receiverUrl: string
    channelsUrl: string
    /** A workspace in Slack; what it does not know goes on to the channels. */
    slackUrl: string
    accessUrl: string
    alertingUrl: string
    mcpUrl: string
    /** Where mail goes, and where the tests ask what came. */
    mailHouse: { readonly url: string; readonly resendUrl: string; readonly smtpPort: number }
    databaseUrl: string
    /** The proxy through which the Worker reaches it. */
    neonUrl: string
    accessKeys: AccessKeys
    /** Null where the folder is missing. */
    corpora: Corpora | null
  }
}
