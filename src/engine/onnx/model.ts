import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as ort from 'onnxruntime-node'
import { FailureError, InputError } from '../../errors.ts'
import type { HostTensor } from '../tensor.ts'
import { ortTensor, runSession } from './session.ts'

/** A tensor of a model: its name, and its shape with `undefined` for what may vary. */
export interface ModelTensor {
  readonly name: string
  readonly shape: readonly (number | undefined)[]
}

/** A model from elsewhere. */
export interface Model {
  readonly inputs: readonly ModelTensor[]
  /** SHA-256 of the file, in hexadecimal. */
  readonly digest: string
  /** Outputs for inputs in the model's order. @throws FailureError with the runtime's own message */
  run(inputs: readonly HostTensor[]): Promise<HostTensor[]>
}

/** Opens an ONNX model on the CPU. @throws InputError for a file that is missing or no model */
export async function openModel(path: string): Promise<Model> {
  const bytes = await readFile(path).catch(() => {
    throw new InputError(`Cannot read ${path}; give the path of an ONNX model.`)
  })
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 }).catch((error) => {
    throw new InputError(`${path} is not an ONNX model that the runtime can load (${error.message}).`)
  })
  const inputs = session.inputMetadata.flatMap((input) =>
    input.isTensor
      ? [
          {
            name: input.name,
            shape: input.shape.map((n) => (typeof n === 'number' && n > 0 ? n : undefined)),
          },
        ]
      : [],
  )
  return {
    inputs,
    digest: createHash('sha256').update(bytes).digest('hex'),
    async run(given) {
      const feeds = Object.fromEntries(given.map((tensor, i) => [inputs[i].name, ortTensor(tensor)]))
      const outputs = await runSession(path, session, feeds)
      return session.outputNames.map((name) => {
        const { dims, data, type } = outputs[name]
        if (type !== 'float32') throw new FailureError(`${path} gives ${type} where float32 is needed.`)
        return { shape: dims, dtype: 'float32', values: data as Float32Array }
      })
    },
  }
}
