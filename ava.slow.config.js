import { prepare } from './typescript-loader.js'

await prepare('src', 'envs', 'viewer', 'test')

// Tests that take minutes: statistical coverage, long training runs, soak tests.
export default {
  files: ['test/**/*.slow.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./typescript.js'],
  timeout: '20m',
  concurrency: 1,
  workerThreads: false,
}
