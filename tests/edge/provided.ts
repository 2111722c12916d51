// What the set-up hands to the tests of the edge.

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
    /** Null where the folder is missing. */
    corpora: Corpora | null
  }
}
