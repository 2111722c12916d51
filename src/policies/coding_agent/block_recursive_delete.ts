// Folders are deleted by name, and only what can be built again.
import * as z from 'zod'
import { ask, definePolicy, deny, judgeTool, languageOf, quoted, type Reach, reachOfDeletion, type Verdict } from '../../engine/index.ts'
import { CommandAndPath, ON_TOOLS } from './judged.ts'
import { deletedTrees } from './deleted_trees.ts'

const SAID: Readonly<Record<Exclude<Reach, 'free'>, string>> = {
  root: 'is everything that there is',
  system: 'belongs to the system',
  home: 'is a home folder or all of a part of it',
  project: 'is the project itself, or all of it',
  unknown: 'is known to the shell alone',
  work: 'may hold work that nobody else has'
}

/**
 * Denies deleting whole trees that cannot be built again: the system, a home, the project or its `.git`; a path that only the shell will know
 * is denied where it may be any of them, and a top folder of the project waits for a person. Build output, caches, dependencies and temporary folders may go. A program given in the command (`python -c`) deletes no trees.
 */
export const blockRecursiveDelete = definePolicy({
  id: 'block_recursive_delete',
  title: 'No deleting of whole trees',
  params: z.strictObject({ disposable: z.array(z.string().min(1)).default([]) }),
  reads: CommandAndPath,
  on: ON_TOOLS,
  parses: ['shell'],
  evaluate: (context, { disposable }) =>
    judgeTool(
      context,
      (reading) => {
        let asked: Verdict | null = null
        for (const { path, by } of deletedTrees(reading)) {
          const remedy = 'delete the one folder that is meant, by its name, with `rm -r`'
          if (languageOf(by) !== null) return deny(`${quoted(path)} would be deleted by a program given to ${by}`, { remedy })
          if (disposable.some((name) => path.split('/').includes(name))) continue
          const reach = reachOfDeletion(path, reading.cwd)
          if (reach === 'free') continue
          if (reach === 'work' || (reach === 'unknown' && !/^\$[^/]*\/(?:\*.*)?$/.test(path)))
            asked ??= ask(`${quoted(path)} ${SAID[reach]}`, { remedy })
          else return deny(`${quoted(path)} ${SAID[reach]}, and would be deleted`, { remedy })
        }
        return asked
      },
      'no tree is deleted that cannot be built again'
    )
})
