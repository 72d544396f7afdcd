import test from 'ava'
import { createEngine, devices } from '../../src/engine/index.ts'
import { InputError } from '../../src/errors.ts'

test('every device is reported with a sentence', async (t) => {
  const reports = await devices()
  const names = reports.map(({ engine, device }) => `${engine}/${device}`)
  t.deepEqual(names, [
    ...['onnx/cpu', 'onnx/webgpu', 'onnx/cuda', 'onnx/coreml', 'onnx/dml'],
    ...['tfjs/tensorflow', 'tfjs/cpu'],
  ])
  for (const { detail } of reports) t.regex(detail, /^[A-Z].*\.$/)
  t.true(reports[0].available)
  t.true(reports[6].available)
  // No machine has both.
  const absent = reports.filter(({ available, engine }) => !available && engine === 'onnx')
  t.true(absent.length >= 1)
  await t.throwsAsync(createEngine({ device: absent[0].device }), {
    instanceOf: InputError,
    message: absent[0].detail,
  })
})

test('engines are made by name', async (t) => {
  const onnx = await createEngine()
  t.deepEqual([onnx.name, onnx.device], ['onnx', 'cpu'])
  const tfjs = await createEngine({ engine: 'tfjs' })
  t.deepEqual([tfjs.name, tfjs.device], ['tfjs', 'cpu'])
})

test('wrong names and numbers are refused', async (t) => {
  const fails = (options: unknown, message: RegExp) =>
    t.throwsAsync(createEngine(options as never), { instanceOf: InputError, message })
  await fails({ engine: 'onx' }, /Unknown engine "onx"; did you mean "onnx"/)
  await fails({ device: 'webgpu2' }, /Unknown onnx device "webgpu2"; did you mean "webgpu"/)
  await fails({ engine: 'tfjs', device: 'gpu' }, /Unknown tfjs device "gpu"/)
  await fails({ threads: 0 }, /threads 0 is not a whole number/)
})
