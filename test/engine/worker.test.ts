import { Worker } from 'node:worker_threads'
import test from 'ava'

const PROGRAM = new URL('./worker-program.js', import.meta.url)

test('functions compile and run in worker threads, several at once', async (t) => {
  const run = (factor: number) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(PROGRAM, { workerData: factor })
      worker.once('message', resolve)
      worker.once('error', reject)
    })
  t.deepEqual(await Promise.all([run(2), run(3)]), [
    [2, 4],
    [3, 6],
  ])
})
