import test from 'ava'
import { onnxReport } from '../../src/engine/devices.ts'
import { onnxEngine, tfjsEngine } from '../../src/engine/index.ts'
import { engineContract } from '../contracts/engine.ts'

engineContract(test, onnxEngine({ threads: 1 }))
engineContract(test, await tfjsEngine())

// Where there is a GPU, it must keep the contract too.
const gpu = await onnxReport('webgpu')
if (gpu.available) engineContract(test, onnxEngine({ device: 'webgpu' }))
