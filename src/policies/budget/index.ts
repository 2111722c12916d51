// The budget family.
export { limitRate } from './limit_rate.ts'
export { limitTotal } from './limit_total.ts'
