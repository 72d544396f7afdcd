import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { CompiledStep } from '../engine.ts'
import { copyTree, InputReader, zeros } from '../host.ts'
import type { StepLayout } from '../step-layout.ts'
import type { HostTensor } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import { unflatten } from '../tree.ts'
import { disposed } from './compiled.ts'
import { encodeOnnx, MARKER } from './encode.ts'
import { Feeds } from './feeds.ts'
import { queue } from './queue.ts'
import type { SessionSettings } from './session.ts'
import { openSession, ortTensor, runInto, worthFusing } from './session.ts'
import { inPlaceEntries, layoutResult, withoutUnchanged } from './step-graph.ts'

/** A state transition compiled to ONNX. */
export interface OnnxCompiledStep extends CompiledStep {
  /** The model, as an `.onnx` file holds it; its state goes in as `state/…` and comes out as `next/state/…`. */
  readonly model: Uint8Array
}

/** A step whose state lies in two sets of arrays: each run reads one and writes the other. */
export async function onnxStep(
  traced: Traced,
  layout: StepLayout,
  settings: SessionSettings,
  forget: () => void,
): Promise<OnnxCompiledStep> {
  const { graph, changing } = withoutUnchanged(traced.graph, layout)
  const inPlace = inPlaceEntries(graph, layout, changing)
  const { bytes, outputNames } = encodeOnnx(graph, { marker: true })
  const { name } = graph
  let session: InferenceSession | undefined = await openSession(name, bytes, {
    ...settings,
    fuse: worthFusing(graph),
  })
  const front = layout.state.map(({ value }) => zeros(value))
  // What the step returns as it came, or may write over, needs no second array.
  const back = layout.state.map(({ value }, i) =>
    changing[i] === undefined || inPlace[i] ? front[i] : zeros(value),
  )
  const sides = [front, back]
  const results = layout.outputs.map(({ value }) => zeros(value))
  const tree = unflatten<HostTensor>(layout.outputs.map(({ keys }, i) => ({ keys, value: results[i] })))

  const tensors = sides.map((side) => side.map(ortTensor))
  const resultTensors = results.map(ortTensor)
  const feeds = tensors.map((side) =>
    Object.fromEntries(side.map((tensor, i) => [`state/${layout.state[i].path}`, tensor])),
  )
  const fetches = [1, 0].map((target) => {
    const fetched: Record<string, Tensor | null> = { [MARKER]: null }
    for (const [i, position] of changing.entries()) {
      if (position !== undefined) fetched[outputNames[position]] = tensors[target][i]
    }
    for (const [i, tensor] of resultTensors.entries())
      fetched[outputNames[layoutResult(graph, layout, i)]] = tensor
    return fetched
  })
  const filler = new Feeds(
    name,
    layout.inputs,
    layout.inputs.map(({ path }) => `inputs/${path}`),
    results,
  )
  const stateReader = new InputReader(name, layout.state)
  let current = 0
  const inTurn = queue()
  return {
    outputs: unflatten(layout.outputs),
    get model() {
      return encodeOnnx(traced.graph).bytes
    },
    run: (inputs) =>
      inTurn(async () => {
        if (session === undefined) throw disposed(name)
        filler.fill(inputs, feeds)
        await runInto(name, session, feeds[current], fetches[current])
        current = 1 - current
        return tree
      }),
    read: () =>
      inTurn(async () => {
        if (session === undefined) throw disposed(name)
        return copyTree(layout.state, sides[current])
      }),
    view: () =>
      inTurn(async () => {
        if (session === undefined) throw disposed(name)
        const side = sides[current]
        return unflatten(layout.state.map(({ keys }, i) => ({ keys, value: side[i] })))
      }),
    write: (state) =>
      inTurn(async () => {
        if (session === undefined) throw disposed(name)
        const given = stateReader.read(state)
        for (const [i, { values }] of given.entries()) sides[current][i].values.set(values)
      }),
    dispose: () =>
      inTurn(async () => {
        forget()
        const open = session
        session = undefined
        await open?.release()
      }),
  }
}
