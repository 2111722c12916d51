// What a key looks like, so that a password or a whole command pasted by mistake is not sent anywhere.

/** `enact_live_<id>_<secret>`. The server decides; in dev any word of some length may be the admin key. */
export function looksLikeKey(text: string): boolean {
  return /^[\x21-\x7e]{8,256}$/.test(text)
}
