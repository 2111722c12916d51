// A configuration file, loaded as the installation loads it. Plain Node runs TypeScript; what the file does at import it does here too.
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Config, Env, TeamConfig } from '../../engine/index.ts'
import { exit } from '../exit.ts'

/** Where it is, unless told. */
export const CONFIG_FILE = 'enact.config.ts'

/** Ends the command where there is no such file or it declares nothing. What the configuration itself throws is thrown. */
export async function loadConfig(given: string | undefined): Promise<{ file: string; config: Config }> {
  const file = resolve(given ?? CONFIG_FILE)
  if (!(await stat(file).catch(() => null))?.isFile()) throw exit('usage', `there is no file \`${file}\`: say which with --config`)
  const module = (await import(pathToFileURL(file).href)) as { default?: unknown }
  if (typeof module.default !== 'function') throw exit('usage', `\`${file}\` has no default export of \`defineConfig\``)
  return { file, config: module.default as Config }
}

/** What a team has; ends the command where it has nothing. */
export function teamConfig(config: Config, env: Env, team: string): TeamConfig {
  const found = config(env, team, {})
  if (found === null) throw exit('usage', `the configuration gives team \`${team}\` nothing`)
  return found
}
