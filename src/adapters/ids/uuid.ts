// Ids and random bytes from the host's cryptographic generator.
import { uuidv7 } from 'uuidv7'
import type { Ids } from '../../engine/ports.ts'

/** UUIDv7 run ids: sortable by time, 74 random bits. */
export const uuidIds: Ids = {
  runId: () => uuidv7(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes))
}
