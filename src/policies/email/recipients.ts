// The keys of a message that name people, as policies read them.
import * as z from 'zod'

export { recipientsOf } from '../../engine/index.ts'

/** One address, several in a text, or a list of them. */
export const Recipients = z.union([z.string(), z.array(z.string())]).optional()
export type Recipients = z.infer<typeof Recipients>
