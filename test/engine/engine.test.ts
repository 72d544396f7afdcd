import test from 'ava'
import { onnxEngine, tfjsEngine } from '../../src/engine/index.ts'
import { engineContract } from '../contracts/engine.ts'

engineContract(test, onnxEngine({ threads: 1 }))
engineContract(test, await tfjsEngine())
