// The folders that a tool call would delete with all that they hold, by whatever program.
import { type CommandLine, type FileUse, foundBy, hasOption, languageOf, reachOfDeletion, type ToolReading } from '../../engine/index.ts'

/** Paths deleted or moved away as a whole, or by a pattern that takes all of a folder. */
export function deletedTrees(reading: ToolReading): readonly FileUse[] {
  const trees = reading.files.filter(isTree)
  return reading.programs.has('find') || reading.programs.has('fd') ? [...trees, ...reading.lines.flatMap(foundAndDeleted)] : trees
}

function isTree({ act, isDeep, path, by }: FileUse): boolean {
  if (act === 'move') return !/[./]?[\w-]+\.\w+$/.test(path) && /^(?:~|\/|\$HOME|\$\{HOME\}|\.git$|\.\/?$|\*$|\.\.)/.test(path)
  // A program given in the command may name any file of the machine.
  if (act === 'delete' && languageOf(by) !== null && /^(?:\/|~|\$HOME|\$\{HOME\}|[A-Za-z]:)/.test(path))
    return reachOfDeletion(path, null) !== 'free' || isDeep
  return act === 'delete' && (isDeep || /(?:^|\/)(?:\*|\.\*)\/*$/.test(path))
}

/** `find … -delete` takes what it finds: all of its start where it asks for nothing in particular. */
function foundAndDeleted(line: CommandLine): readonly FileUse[] {
  if (line.program !== 'find' || !line.words.includes('-delete')) return []
  const starts = line.words
    .slice(
      0,
      Math.max(
        1,
        line.words.findIndex((word) => word.startsWith('-'))
      )
    )
    .filter((word) => !word.startsWith('-'))
  const asks = line.words.some((word) =>
    /^-(?:i?name|i?path|i?regex|mtime|mmin|atime|ctime|size|empty|newer|user|perm|maxdepth)$/.test(word)
  )
  const isPrecise = asks && !hasOption(line, '', 'name=*')
  const base = { act: 'delete', isDeep: true, isKnown: true, by: 'find' } as const
  // Folders with nothing in them hold nothing.
  if (line.words.includes('-empty')) return []
  const found = foundBy(line.command.words)
  if (!isPrecise) return (starts.length === 0 ? ['.'] : starts).map((path) => ({ ...base, path }))
  // Searched for in the whole machine or a whole home, whatever it is called.
  return starts
    .filter((start) => /^(?:\/|~\/?|\$HOME\/?|\$\{HOME\}\/?|\/(?:etc|usr|bin|lib|boot|home|root|Users)\/?)$/.test(start))
    .map((path) => ({ ...base, path }))
    .concat(found.includes('*') ? [] : [{ ...base, path: found }])
}
