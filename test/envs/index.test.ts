import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { environments, loadEnvironment } from '../../envs/index.ts'
import { scratch } from '../scratch.ts'

for (const name of Object.keys(environments)) {
  test(`${name} is found by its name`, async (t) => {
    const environment = await loadEnvironment(name)
    t.is(environment.name, name)
    t.is((await import(environment.module)).default, environment)
  })
}

test('an environment of the user is loaded by path and by URL', async (t) => {
  const url = new URL('../../envs/two-way/axis.js', import.meta.url)
  const path = `./${relative(process.cwd(), fileURLToPath(url))}`
  for (const module of [url.href, path]) {
    const environment = await loadEnvironment(module)
    t.is(environment.name, 'two-way-axis')
    t.is(environment.module, url.href)
  }
})

test('what cannot be loaded is named', async (t) => {
  await t.throwsAsync(loadEnvironment('two-wya'), { name: 'InputError', message: /did you mean "two-way"/ })
  await t.throwsAsync(loadEnvironment('./nowhere.js'), {
    name: 'InputError',
    message: /nowhere\.js cannot be loaded: .*; check the path\.$/,
  })
  await t.throwsAsync(loadEnvironment('./build'), { message: /; give the path of a file\.$/ })
  await t.throwsAsync(loadEnvironment('./build/src/errors.js'), {
    name: 'InputError',
    message: /no environment/,
  })
})

test('a module that is there and does not load is to be mended', async (t) => {
  const folder = scratch()
  const fails = async (name: string, text: string, message: RegExp) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    await t.throwsAsync(loadEnvironment(path), { name: 'InputError', message })
  }
  await fails(
    'a.mjs',
    'export default {{',
    /a\.mjs cannot be loaded: .*; mend it: `node --check .*a\.mjs` shows/,
  )
  await fails('b.mjs', "import 'absent-package'", /absent-package.*; install what it imports/)
  await fails('c.mjs', "throw new Error('oh')", /: oh; mend the module\.$/)
  await fails('d.mjs', 'throw null', /: null; mend the module\.$/)
})
