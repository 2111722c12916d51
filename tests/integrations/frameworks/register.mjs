// For the examples: what they import as if it were installed beside them is installed here.
import { registerHooks } from 'node:module'

registerHooks({
  resolve(specifier, context, next) {
    try {
      return next(specifier, context)
    } catch (error) {
      if (/^[./]|^node:/.test(specifier)) throw error
      return next(specifier, { ...context, parentURL: import.meta.url })
    }
  }
})
