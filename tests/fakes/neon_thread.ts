// The stand-in for Neon's proxy in a thread of its own: bundled as the edge's tests are, its WebSocket server would be a browser's stub.
import { parentPort, workerData } from 'node:worker_threads'
import { startNeonProxy } from '../../src/cli/local/neon_proxy.ts'

const { url } = await startNeonProxy({ databaseUrl: workerData as string })
// oxlint-disable-next-line require-post-message-target-origin -- a thread is no window
parentPort!.postMessage(url)
