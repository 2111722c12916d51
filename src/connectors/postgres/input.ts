// The parts that the inputs of several actions share.
import * as z from 'zod'

/** `customers`, `sales.orders`, `"odd.name"`. */
export const TableInput = z.string().min(1).max(300)

/** column → value; at least one. */
export const DataInput = z.record(z.string().min(1), z.json()).refine((data) => Object.keys(data).length > 0, 'names no column')
