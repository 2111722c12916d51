// Files of environment variables hold the secrets of a project.
import * as z from 'zod'
import { allow, definePolicy, deny, fileNames, quoted } from '../../engine/index.ts'

/** Denies a `path` that is `.env` or one of its variants (`.env.local`, `.env~`, `.envrc`, `prod.env`). Published templates such as `.env.example` may be read. */
export const dontReadEnv = definePolicy({
  id: 'dont_read_env',
  title: 'No reading of .env files',
  params: z.strictObject({}),
  reads: z.object({ path: z.string().optional() }),
  on: ['filesystem.*'],
  evaluate({ reads: { path } }) {
    if (path === undefined) return allow('no path is named')
    const names = fileNames(path)
    if (names !== null && !names.some(isEnv)) return allow(`${quoted(path)} is not a .env file`)
    return deny(
      names === null
        ? 'the path is none that a system opens (it holds a NUL or is too long)'
        : `${quoted(path)} is a .env file, which holds secrets`,
      { remedy: 'read `.env.example`, or ask for the one value that is needed' }
    )
  }
})

function isEnv(name: string): boolean {
  if (/^\.env\.(example|sample|template|dist)$/.test(name)) return false
  return /^\.env(rc)?([.~_-].*)?$/.test(name) || /\.env~*$/.test(name)
}
