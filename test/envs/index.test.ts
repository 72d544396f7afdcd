import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { environments, loadEnvironment } from '../../envs/index.ts'

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
    message: /nowhere\.js cannot be loaded/,
  })
  await t.throwsAsync(loadEnvironment('./build/src/errors.js'), {
    name: 'InputError',
    message: /no environment/,
  })
})
