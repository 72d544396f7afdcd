import { build, namingBuilt } from './typescript-build.js'

await build('src', 'envs', 'viewer', 'docs', 'test')
process.argv = process.argv.map(namingBuilt)

// Tests that take minutes: statistical coverage, long training runs, soak tests.
export default {
  files: ['build/test/**/*.slow.test.js'],
  timeout: '20m',
  concurrency: 1,
  workerThreads: false,
}
