import test from 'ava'
import { absence } from '../../src/engine/tfjs/tensorflow.ts'

const GPU = '@tensorflow/tfjs-node-gpu'
const CPU = '@tensorflow/tfjs-node'
const missing = (what: string) =>
  Object.assign(new Error(`Cannot find package '${what}' imported from /a/b.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  })

test('what is not installed is to be installed', (t) => {
  const failures = [GPU, CPU].map((name) => ({ name, error: missing(name) }))
  t.is(
    absence(failures),
    `The device tensorflow is absent (${GPU} is not installed; ${CPU} is not installed); install it with \`npm install ${GPU}\`, or use the onnx engine.`,
  )
})

test('what is installed without its native library is to be built', (t) => {
  const error = new Error('The Node.js native addon module can not be found at path: x. \nPlease run …')
  t.is(
    absence([
      { name: GPU, error },
      { name: CPU, error: missing(CPU) },
    ]),
    `The device tensorflow is absent (${GPU} does not load: "The Node.js native addon module can not be found at path: x."; ${CPU} is not installed); build its library with \`npm rebuild ${GPU} --build-addon-from-source\`, use \`${CPU}\`, or use the onnx engine.`,
  )
  const both = absence([
    { name: GPU, error: missing('@mapbox/node-pre-gyp') },
    { name: CPU, error },
  ])
  t.regex(both, /npm rebuild @tensorflow\/tfjs-node-gpu/)
  t.notRegex(both, /npm install|use `/)
})
