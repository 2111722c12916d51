// Saving what a page has made as a file.

/** Long enough for any browser to have begun with the file. */
const KEPT_MS = 60_000

export function saveBlob(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS)
}
