// The slice of an R2 binding in use, and what its refusals mean.
import { FileFailure } from '../store.ts'

/** An object without its content. */
export interface BucketObject {
  readonly key: string
  readonly size: number
  readonly etag: string
  readonly checksums: { readonly sha256?: ArrayBuffer }
  readonly customMetadata?: Record<string, string>
  readonly httpMetadata?: Readonly<Record<string, string | Date | undefined>>
}

export interface BucketBody extends BucketObject {
  readonly body: AsyncIterable<Uint8Array>
}

interface PutOptions {
  readonly onlyIf?: { readonly etagMatches?: string; readonly etagDoesNotMatch?: string }
  readonly sha256?: string
  readonly customMetadata?: Record<string, string>
  readonly httpMetadata?: Record<string, string | Date | undefined>
}

/** What is used of a Worker's R2 bucket (`env.FILES`). */
export interface Bucket {
  head(key: string): Promise<BucketObject | null>
  /** Without `body` where `onlyIf` does not hold. */
  get(
    key: string,
    options?: { readonly onlyIf?: { readonly etagMatches: string }; readonly range?: { readonly offset: number; readonly length: number } }
  ): Promise<BucketObject | BucketBody | null>
  /** Null where `onlyIf` does not hold. */
  put(key: string, value: Uint8Array | AsyncIterable<Uint8Array>, options?: PutOptions): Promise<BucketObject | null>
  delete(key: string): Promise<void>
  list(options: {
    readonly prefix: string
    readonly delimiter?: string
    readonly limit?: number
    readonly cursor?: string
    readonly include?: readonly ['customMetadata']
  }): Promise<{
    readonly objects: readonly BucketObject[]
    readonly delimitedPrefixes: readonly string[]
    readonly truncated: boolean
    readonly cursor?: string
  }>
}

/** By R2's own code, which stands at the end of its message: refusals that change nothing. https://developers.cloudflare.com/r2/api/error-codes/ */
const REFUSALS: Readonly<Record<string, readonly [code: string, message: string]>> = {
  10002: ['forbidden', 'r2 does not allow this'],
  10003: ['forbidden', 'r2 does not allow this'],
  10004: ['forbidden', 'r2 does not allow this'],
  10006: ['no_bucket', 'the bucket does not exist'],
  10012: ['rejected', 'the metadata of the file is too large for r2'],
  10020: ['bad_name', 'r2 does not take this name'],
  10021: ['bad_name', 'r2 does not take this name'],
  10024: ['rejected', 'r2 does not know this upload'],
  10037: ['damaged', 'the content is not what its hash says'],
  10039: ['rejected', 'the file does not have that part'],
  10042: ['not_enabled', 'r2 is not switched on in this account'],
  10058: ['rate_limited', 'r2 takes one write a second for one file: try again in 1 s'],
  100100: ['too_large', 'the file is too large for r2']
}

/** What R2 threw as a failure. `writing` = without a clear refusal the change may have been made. */
export function toFailure(error: unknown, writing: boolean): unknown {
  if (error instanceof FileFailure || !(error instanceof Error)) return error
  const code = /\((1\d{4,5})\)\s*$/.exec(error.message)?.[1]
  const known = code === undefined ? undefined : REFUSALS[code]
  if (known !== undefined) return new FileFailure(known[0], known[1])
  const message = code === undefined ? 'r2 did not answer as it should' : `r2 failed (${code})`
  // R2's own 500 is its last word; without any, the request may still be on its way.
  return new FileFailure('vendor_error', message, writing ? 'unknown' : 'none', code === '10001')
}

/** Runs one request. */
export async function ask<T>(request: Promise<T>, writing = false): Promise<T> {
  try {
    return await request
  } catch (error) {
    throw toFailure(error, writing)
  }
}
