// The parts that the inputs of several actions share.
import * as z from 'zod'

/** `customers`, `sales.orders`, `"odd.name"`. */
export const TableInput = z.string().min(1).max(300)

/** column → value; at least one. */
export const DataInput = z.record(z.string().min(1), z.json()).refine((data) => Object.keys(data).length > 0, 'names no column')

/** Rows to insert; each names at least one column. */
export const RowsInput = z.array(DataInput).min(1).max(10_000)

/** Together these columns may hold their values only once. */
export const UniqueInput = z.array(z.string().min(1)).min(1).max(32)
