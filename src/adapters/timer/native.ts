// Time-outs by the host's setTimeout.
import type { Timer } from '../../engine/ports.ts'

/** The loser of the race is left to settle unheard: connectors abort their own requests. */
export const nativeTimer: Timer = {
  within(ms, work) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new Error(`no answer within ${ms} ms`)
        error.name = 'TimeoutError'
        reject(error)
      }, ms)
      work.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }
}
