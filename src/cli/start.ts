// Where the process begins: a hook, which every tool call of an agent waits for, is not made to wait for the rest of the command.

/** The process's whole life. */
export async function start(): Promise<void> {
  const [command, ...words] = process.argv.slice(2)
  if (command === 'hook' && !words.some((word) => word === '--help' || word === '-h')) {
    const { hookProcess } = await import('./hook/run.ts')
    return hookProcess(words)
  }
  const { run } = await import('./enact.ts')
  return run()
}
