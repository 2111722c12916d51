// Home folders hold what nobody else has.
import * as z from 'zod'
import { definePolicy, deny, judgeTool, quoted, reachOfDeletion } from '../../engine/index.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'
import { deletedTrees } from './deleted_trees.ts'

/** Denies deleting or moving away a home folder, what stands right below it, or everything above it (`/`, `/home`). */
export const blockHomeDirDestructive = definePolicy({
  id: 'block_home_dir_destructive',
  title: 'No deleting of home folders',
  params: z.strictObject({}),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context) =>
    judgeTool(
      context,
      (reading) => {
        for (const { path } of deletedTrees(reading)) {
          const reach = reachOfDeletion(path, reading.cwd)
          if (reach === 'home' || reach === 'root') {
            const remedy = 'name the one folder that is to go, below the project'
            return deny(
              `${quoted(path)} is ${reach === 'home' ? 'a home folder or all of a part of it' : 'everything'}, and would be deleted`,
              { remedy }
            )
          }
        }
        return null
      },
      'no home folder is deleted'
    )
})
