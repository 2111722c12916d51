// The tones that a standing can have.

export type Tone = 'pass' | 'block' | 'held' | 'undone' | 'none'
