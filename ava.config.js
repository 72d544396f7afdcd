import { build, namingBuilt } from './typescript-build.js'

await build('src', 'envs', 'viewer', 'docs', 'test')
process.argv = process.argv.map(namingBuilt)

// The fast suite: every test file except those named *.slow.test.ts.
export default {
  files: ['build/test/**/*.test.js', '!build/test/**/*.slow.test.js', '!build/test/fixtures/**'],
  timeout: '120s',
  concurrency: 2,
  workerThreads: true,
}
