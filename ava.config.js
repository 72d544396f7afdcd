import { prepare } from './typescript-loader.js'

await prepare('src', 'envs', 'viewer', 'test')

// The fast suite: every test file except those named *.slow.test.ts.
export default {
  files: ['test/**/*.test.ts', '!test/**/*.slow.test.ts', '!test/fixtures/**'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=./typescript.js'],
  timeout: '120s',
  concurrency: 2,
  workerThreads: true,
}
