import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { CompiledStep } from '../engine.ts'
import type { Graph, Value } from '../graph/value.ts'
import { copyTree, InputReader, zeros } from '../host.ts'
import type { StepLayout } from '../step-layout.ts'
import type { HostTensor } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import { unflatten } from '../tree.ts'
import { disposed } from './compiled.ts'
import { encodeOnnx, MARKER } from './encode.ts'
import { Feeds } from './feeds.ts'
import { inPlaceTest } from './in-place.ts'
import type { SessionSettings } from './session.ts'
import { openSession, ortTensor, runInto } from './session.ts'

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
  let session: InferenceSession | undefined = await openSession(name, bytes, settings)
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

/** Which state entries the model may write over while it runs. */
function inPlaceEntries(
  graph: Graph,
  layout: StepLayout,
  changing: readonly (number | undefined)[],
): boolean[] {
  const inputs = inputsByName(graph)
  const test = inPlaceTest(graph)
  return layout.state.map(({ path }, i) => {
    const old = inputs.get(`state/${path}`)
    const position = changing[i]
    return old !== undefined && position !== undefined && test(old, graph.outputs[position].value)
  })
}

function inputsByName(graph: Graph): Map<string, Value> {
  const inputs = new Map<string, Value>()
  for (const value of graph.inputs) if (value.source.kind === 'input') inputs.set(value.source.name, value)
  return inputs
}

/** Leaves out the state entries that are returned as they came; says where the others are now. */
export function withoutUnchanged(
  graph: Graph,
  layout: StepLayout,
): { graph: Graph; changing: (number | undefined)[] } {
  const inputs = inputsByName(graph)
  const unchanged = new Set<number>()
  for (const [i, position] of layout.nextState.entries()) {
    if (graph.outputs[position].value === inputs.get(`state/${layout.state[i].path}`)) unchanged.add(position)
  }
  const kept = graph.outputs.map((_, i) => i).filter((i) => !unchanged.has(i))
  const changing = layout.nextState.map((position) =>
    unchanged.has(position) ? undefined : kept.indexOf(position),
  )
  return { graph: { ...graph, outputs: kept.map((i) => graph.outputs[i]) }, changing }
}

/** Position of the i-th result among the outputs that are left: they come after the state. */
function layoutResult(graph: Graph, layout: StepLayout, i: number): number {
  return graph.outputs.length - layout.results.length + i
}

/** Runs tasks one after another, so that calls that were not awaited keep their order. */
export function queue(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const next = last.then(task, task)
    last = next.catch(() => undefined)
    return next
  }
}
