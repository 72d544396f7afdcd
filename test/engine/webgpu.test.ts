import test from 'ava'
import { onnxReport } from '../../src/engine/devices.ts'
import { onnxEngine } from '../../src/engine/index.ts'
import { engineContract } from '../contracts/engine.ts'

const { available, detail } = await onnxReport('webgpu')

test('the contract is kept where there is a GPU', (t) => {
  t.log(detail)
  t.pass()
})

if (available) engineContract(test, onnxEngine({ device: 'webgpu' }))
