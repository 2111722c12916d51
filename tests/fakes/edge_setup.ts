// What the tests of the edge need outside the Worker: a GitHub on this machine, handed over by address.
import type { TestProject } from 'vitest/node'
import { startGitHub } from './github/index.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    githubUrl: string
    githubToken: string
  }
}

/** Starts before the first file and ends after the last. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const github = await startGitHub()
  project.provide('githubUrl', github.url)
  project.provide('githubToken', github.token)
  return () => github.close()
}
