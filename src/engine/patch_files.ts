// The files that a patch changes: apply_patch's own form, and unified diffs.

/** Every file once. */
export function patchedFiles(text: string): { readonly written: readonly string[]; readonly deleted: readonly string[] } {
  const written = new Set<string>()
  const deleted = new Set<string>()
  let before = ''
  for (const line of text.split('\n')) {
    const own = /^\*\*\* (Add|Update|Delete|Move to)(?: File)?: (.+?)\s*$/.exec(line)
    if (own !== null) (own[1] === 'Delete' ? deleted : written).add(own[2]!)
    else if (line.startsWith('--- ')) before = nameIn(line)
    else if (line.startsWith('+++ ')) {
      const after = nameIn(line)
      if (after === '/dev/null') deleted.add(before)
      else written.add(after)
    } else if (line.startsWith('rename to ')) written.add(line.slice(10).trim())
  }
  return { written: [...written], deleted: [...deleted] }
}

/** `+++ b/src/x.ts\t2026-01-01` is `src/x.ts`. */
function nameIn(line: string): string {
  return line
    .slice(4)
    .split('\t', 1)[0]!
    .trim()
    .replace(/^[abciow]\//, '')
}
