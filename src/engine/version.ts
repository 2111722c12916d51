// The version that receipts carry.
/** Signed into every receipt; equals package.json's version (a test holds them together). */
export const ENGINE_VERSION = '0.1.0'
