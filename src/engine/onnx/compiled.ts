import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { FailureError } from '../../errors.ts'
import type { Compiled } from '../engine.ts'
import { zeros } from '../host.ts'
import type { HostTensor, TensorSpec, Tree } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import { unflatten } from '../tree.ts'
import { encodeOnnx, MARKER } from './encode.ts'
import { Feeds } from './feeds.ts'
import type { SessionSettings } from './session.ts'
import { openSession, ortTensor, runInto, worthFusing } from './session.ts'

/** A function compiled to ONNX. */
export interface OnnxCompiled extends Compiled {
  /** The model, as an `.onnx` file holds it. */
  readonly model: Uint8Array
}

/** Opens a session for a traced function; its outputs are written to arrays made here, once. */
export async function onnxCompiled(
  traced: Traced,
  settings: SessionSettings,
  forget: () => void,
): Promise<OnnxCompiled> {
  const { name } = traced.graph
  const { bytes, outputNames } = encodeOnnx(traced.graph, { marker: true })
  let session: InferenceSession | undefined = await openSession(name, bytes, {
    ...settings,
    fuse: worthFusing(traced.graph),
  })
  const buffers = traced.outputs.map(({ value }) => zeros(value))
  const results = unflatten<HostTensor>(traced.outputs.map(({ keys }, i) => ({ keys, value: buffers[i] })))
  const fetches: Record<string, Tensor | null> = { [MARKER]: null }
  for (const [i, buffer] of buffers.entries()) fetches[outputNames[i]] = ortTensor(buffer)
  const feeds: Record<string, Tensor> = {}
  const inputNames = traced.inputs.map(({ path }) => path)
  const filler = new Feeds(name, traced.inputs, inputNames, buffers)
  const outputs: Tree<TensorSpec> = unflatten(traced.outputs)
  return {
    outputs,
    get model() {
      return encodeOnnx(traced.graph).bytes
    },
    async run(inputs) {
      if (session === undefined) throw disposed(name)
      filler.fill(inputs, [feeds])
      await runInto(name, session, feeds, fetches)
      return results
    },
    async dispose() {
      forget()
      const open = session
      session = undefined
      await open?.release()
    },
  }
}

/** What a compiled function that was disposed of throws. */
export function disposed(name: string): FailureError {
  return new FailureError(`"${name}" was disposed of; compile it again before running it.`)
}
