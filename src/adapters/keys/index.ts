// Implementations of the Keys port, and of verifying without a secret.
export { checkSecret } from './check_secret.ts'
export { publicKeyOf, publicVerifier } from './public_verifier.ts'
export { previousSecretsOf, webcryptoKeys, type KeysOptions } from './webcrypto.ts'
