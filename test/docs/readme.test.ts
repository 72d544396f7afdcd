import { readFileSync } from 'node:fs'
import test from 'ava'
import { withTables } from '../../docs/tables.ts'

const root = new URL('../../', import.meta.url)
const readme = readFileSync(new URL('README.md', root), 'utf8')

test("the README's tables are what the code says", async (t) => {
  for (const name of ['environments', 'couplings', 'presets'])
    t.true(readme.includes(`<!-- ${name} -->`), name)
  t.is(await withTables(readme), readme, 'make them anew with: npm run tables')
})

test('the README names commands and files that there are', (t) => {
  const { scripts } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
  for (const [, name] of readme.matchAll(/npm run ([\w:-]+)/g)) t.true(name in scripts, name)
  for (const [, path] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    t.notThrows(() => readFileSync(new URL(path, root)), path)
  }
})
