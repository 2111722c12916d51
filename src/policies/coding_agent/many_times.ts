// Whether a command runs once, or for every line of something.
import type { CommandLine, ToolReading } from '../../engine/index.ts'

/** Runs in a loop over what is not written out, by xargs or parallel, or is written more often than `max` times. */
export function runsMany(reading: ToolReading, wanted: (line: CommandLine) => boolean, max: number): CommandLine | null {
  const found = reading.lines.filter(wanted)
  if (found.length > max) return found[0]!
  return (
    found.find(
      ({ command }) =>
        command.through.some((name) => name === 'xargs' || name === 'parallel' || name === 'watch') ||
        command.placeholder !== null ||
        command.isLooped
    ) ?? null
  )
}
