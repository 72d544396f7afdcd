import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { withClosedLoop, withCouplings, withFigures, withTables } from '../../docs/tables.ts'
import { readResults } from '../../src/benchmark/results.ts'
import { packageFolder } from '../../src/package-folder.ts'

const read = (path: string) => readFileSync(join(packageFolder(), path), 'utf8')
const readme = read('README.md')

test("the README's tables are what the code says", async (t) => {
  for (const name of ['environments', 'couplings', 'presets'])
    t.true(readme.includes(`<!-- ${name} -->`), name)
  t.is(await withTables(readme), readme, 'make them anew with: npm run tables')
})

test('the README names commands and files that there are', (t) => {
  const { scripts } = JSON.parse(read('package.json'))
  for (const [, name] of readme.matchAll(/npm run ([\w:-]+)/g)) t.true(name in scripts, name)
  for (const [, path] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    t.notThrows(() => read(path), path)
  }
})

test('the page of measured times has the figures that were written down', (t) => {
  const page = read('docs/performance.md')
  const measured = JSON.parse(read('docs/performance.json'))
  t.is(withFigures(page, measured), page, 'make it anew with: npm run tables')
  t.regex(page, /train step/)
})

test('the page on couplings has the successes that the benchmark measured', (t) => {
  const page = read('docs/couplings.md')
  const results = readResults(join(packageFolder(), 'docs/benchmark'))
  t.is(withClosedLoop(page, results), page, 'make it anew with: npm run tables')
  t.regex(page, /`two-way\/mlp` \| `local`/)
})

test('the page on couplings has the probes and costs that were measured', (t) => {
  const page = read('docs/couplings.md')
  const measured = JSON.parse(read('docs/performance.json'))
  t.is(withCouplings(page, measured), page, 'make it anew with: npm run tables')
  t.regex(page, /`avoiding` \| `local` \|/)
})
