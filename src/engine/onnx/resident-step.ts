import type { InferenceSession, Tensor } from 'onnxruntime-node'
import type { Graph } from '../graph/value.ts'
import { inputValue } from '../graph/value.ts'
import { copyTree, InputReader, zeros } from '../host.ts'
import type { StepLayout } from '../step-layout.ts'
import type { HostTensor, TensorSpec } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import type { Leaf } from '../tree.ts'
import { unflatten } from '../tree.ts'
import { disposed } from './compiled.ts'
import { encodeOnnx } from './encode.ts'
import { Feeds } from './feeds.ts'
import { queue } from './queue.ts'
import type { SessionSettings } from './session.ts'
import { openSession, ortTensor, runSession, worthFusing } from './session.ts'
import type { OnnxCompiledStep } from './step.ts'
import { layoutResult, withoutUnchanged } from './step-graph.ts'

/**
 * A step whose state stays in the device's memory: what one run returns, the next one is given. Models that
 * only copy carry the state in and out, because the binding cannot read a tensor of the device by itself.
 */
export async function residentStep(
  traced: Traced,
  layout: StepLayout,
  settings: SessionSettings,
  forget: () => void,
): Promise<OnnxCompiledStep> {
  const { graph, changing } = withoutUnchanged(traced.graph, layout)
  const { bytes, outputNames } = encodeOnnx(graph)
  const { name } = graph
  const stateOutputs = changing.map((position) =>
    position === undefined ? undefined : outputNames[position],
  )
  const sessions: InferenceSession[] = []
  const open = async (model: Uint8Array, onDevice: readonly string[]) => {
    const session = await openSession(name, model, { ...settings, onDevice, fuse: worthFusing(graph) })
    sessions.push(session)
    return session
  }
  const session = await open(
    bytes,
    stateOutputs.filter((output) => output !== undefined),
  )
  const copies = encodeOnnx(copyGraph(name, layout.state))
  const upload = await open(copies.bytes, copies.outputNames)
  const download = await open(copies.bytes, [])

  const results = layout.outputs.map(({ value }) => zeros(value))
  const tree = unflatten<HostTensor>(layout.outputs.map(({ keys }, i) => ({ keys, value: results[i] })))
  const resultNames = results.map((_, i) => outputNames[layoutResult(graph, layout, i)])
  const feeds: Record<string, Tensor> = {}
  const filler = new Feeds(
    name,
    layout.inputs,
    layout.inputs.map(({ path }) => `inputs/${path}`),
    results,
  )
  const stateReader = new InputReader(name, layout.state)
  const stateNames = layout.state.map(({ path }) => `state/${path}`)
  const replace = (i: number, tensor: Tensor) => {
    feeds[stateNames[i]]?.dispose()
    feeds[stateNames[i]] = tensor
  }
  const write = async (state: readonly HostTensor[]) => {
    // A run without outputs is refused.
    if (state.length === 0) return
    const given = Object.fromEntries(state.map((tensor, i) => [copyName(i), ortTensor(tensor)]))
    const placed = await runSession(name, upload, given)
    for (const [i] of state.entries()) replace(i, placed[copies.outputNames[i]])
  }
  await write(layout.state.map(({ value }) => zeros(value)))

  let alive = true
  const inTurn = queue()
  const whileAlive = <T>(task: () => Promise<T>) =>
    inTurn(() => {
      if (!alive) throw disposed(name)
      return task()
    })
  const read = () =>
    whileAlive(async () => {
      if (layout.state.length === 0) return {}
      const given = Object.fromEntries(stateNames.map((key, i) => [copyName(i), feeds[key]]))
      const read = await runSession(name, download, given)
      return copyTree(
        layout.state,
        layout.state.map(({ value }, i) => ({
          ...value,
          values: read[copies.outputNames[i]].data as Float32Array,
        })),
      )
    })
  return {
    outputs: unflatten(layout.outputs),
    get model() {
      return encodeOnnx(traced.graph).bytes
    },
    run: (inputs) =>
      whileAlive(async () => {
        filler.fill(inputs, [feeds])
        const next = await runSession(name, session, feeds)
        for (const [i, output] of stateOutputs.entries()) if (output !== undefined) replace(i, next[output])
        for (const [i, output] of resultNames.entries()) {
          results[i].values.set(next[output].data as Float32Array)
        }
        return tree
      }),
    read,
    // What lies on the device cannot be looked at without a copy.
    view: read,
    write: (state) => whileAlive(() => write(stateReader.read(state))),
    dispose: () =>
      inTurn(async () => {
        forget()
        if (!alive) return
        alive = false
        for (const key of stateNames) feeds[key]?.dispose()
        for (const opened of sessions) await opened.release()
      }),
  }
}

/** A graph that returns its inputs. */
function copyGraph(name: string, leaves: readonly Leaf<TensorSpec>[]): Graph {
  const inputs = leaves.map(({ value }, i) => inputValue(copyName(i), value))
  return {
    name: `${name}, state`,
    inputs,
    outputs: inputs.map((value, i) => ({ name: `out${i}`, value })),
  }
}

function copyName(i: number): string {
  return `in${i}`
}
