// A contact is not buried in tasks.
import * as z from 'zod'
import { allow, definePolicy, deny } from '../../engine/index.ts'

/** Denies when `recent_task_count`, the tasks of the last `window_days` days, has reached `max_tasks`. */
export const limitTasksPerContact = definePolicy({
  id: 'limit_tasks_per_contact',
  title: 'A limit to the tasks of one contact',
  params: z.strictObject({ max_tasks: z.int().nonnegative().default(3), window_days: z.int().positive().default(7) }),
  reads: z.object({ recent_task_count: z.int().nonnegative().optional() }),
  on: ['create_task'],
  evaluate({ reads: { recent_task_count: count } }, { max_tasks, window_days }) {
    if (count === undefined) return allow('no number of tasks is given')
    const rule = `at most ${max_tasks} in ${window_days} days are allowed`
    if (count < max_tasks) return allow(`the contact has ${count} recent tasks, ${rule}`)
    return deny(`the contact has ${count} recent tasks, ${rule}`, {
      remedy: 'finish a task first, or wait until older ones are out of the window'
    })
  }
})
