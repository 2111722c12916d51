// A journal for embedded runs: it lives as long as the process.
import type { Journal, JournalEntry } from '../../engine/ports.ts'

/** Keeps its entries in memory; `entries` may hold those of an interrupted attempt. */
export function memoryJournal(entries: JournalEntry[] = []): Journal {
  return {
    read: async () => [...entries],
    append: async (entry) => void entries.push(entry)
  }
}
