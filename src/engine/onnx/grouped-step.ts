import * as ort from 'onnxruntime-node'
import { InputError } from '../../errors.ts'
import { copyTree, InputReader, zeros } from '../host.ts'
import type { StepLayout } from '../step-layout.ts'
import { type HostTensor, sizeOf, type Tree } from '../tensor.ts'
import type { Traced } from '../trace/trace.ts'
import { unflatten } from '../tree.ts'
import { disposed } from './compiled.ts'
import { encodeOnnx, MARKER } from './encode.ts'
import { COUNT, encodeLoop } from './encode-loop.ts'
import { queue } from './queue.ts'
import { openSession, ortTensor, runInto, type SessionSettings, worthFusing } from './session.ts'
import type { OnnxCompiledStep } from './step.ts'
import { withoutUnchanged } from './step-graph.ts'

/**
 * A step of which up to `most` are taken in one run, for devices whose memory the binding has no tensors for: the
 * state crosses the bus once for all of them. It lies in two sets of arrays, each run reads one and writes the
 * other, so that a run can be gone back into.
 */
export async function groupedStep(
  traced: Traced,
  layout: StepLayout,
  settings: SessionSettings,
  forget: () => void,
  most: number,
): Promise<OnnxCompiledStep> {
  const { graph, changing } = withoutUnchanged(traced.graph, layout)
  const loop = encodeLoop(graph, layout, changing, most)
  const { name } = graph
  let session: ort.InferenceSession | undefined = await openSession(name, loop.bytes, {
    ...settings,
    fuse: worthFusing(graph),
  })
  const front = layout.state.map(({ value }) => zeros(value))
  const back = layout.state.map(({ value }, i) => (changing[i] === undefined ? front[i] : zeros(value)))
  const sides = [front, back]
  const stacked = ({ shape, dtype }: Omit<HostTensor, 'values'>, steps: number) => ({
    shape: [steps, ...shape],
    dtype,
  })
  const given = layout.inputs.map(({ value }) => zeros(stacked(value, most)))
  const results = layout.outputs.map(({ value }) => zeros(stacked(value, most)))

  const count = BigInt64Array.of(0n)
  const feeds = sides.map((side) =>
    Object.fromEntries([
      [COUNT, new ort.Tensor('int64', count, [])],
      ...side.map((tensor, i) => [loop.state[i], ortTensor(tensor)]),
      ...given.map((tensor, i) => [loop.inputs[i], ortTensor(tensor)]),
    ]),
  )
  const fetches = (target: number, steps: number) => {
    const fetched: Record<string, ort.Tensor | null> = { [MARKER]: null }
    for (const [i, output] of loop.nextState.entries()) {
      if (output !== undefined) fetched[output] = ortTensor(sides[target][i])
    }
    for (const [i, output] of loop.outputs.entries()) {
      const { value } = layout.outputs[i]
      const values = results[i].values.subarray(0, steps * sizeOf(value.shape))
      fetched[output] = ortTensor({ ...stacked(value, steps), values } as HostTensor)
    }
    return fetched
  }
  const inputReader = new InputReader(name, layout.inputs)
  const stateReader = new InputReader(name, layout.state)
  let current = 0
  /** Steps of the last run, if the state before it is still there. */
  let taken = 0
  const inTurn = queue()
  const whileOpen = <T>(task: (open: ort.InferenceSession) => Promise<T>) =>
    inTurn(async () => {
      if (session === undefined) throw disposed(name)
      return task(session)
    })
  const take = async (open: ort.InferenceSession, from: number, steps: number) => {
    count[0] = BigInt(steps)
    await runInto(name, open, feeds[from], fetches(1 - from, steps))
    current = 1 - from
    taken = steps
  }
  const runAll = (trees: readonly Tree<HostTensor>[]) =>
    whileOpen(async (open) => {
      if (trees.length < 1 || trees.length > most) {
        throw new InputError(`"${name}" was given ${trees.length} steps; give 1 to ${most}.`)
      }
      for (const [step, tree] of trees.entries()) {
        for (const [i, { values }] of inputReader.read(tree).entries()) {
          given[i].values.set(values, step * values.length)
        }
      }
      await take(open, current, trees.length)
      return trees.map((_, step) =>
        unflatten(
          layout.outputs.map(({ keys, value }, i) => {
            const size = sizeOf(value.shape)
            const values = results[i].values.slice(step * size, (step + 1) * size)
            return { keys, value: { ...value, values } as HostTensor }
          }),
        ),
      )
    })
  return {
    outputs: unflatten(layout.outputs),
    get model() {
      return encodeOnnx(traced.graph).bytes
    },
    run: async (inputs) => (await runAll([inputs]))[0],
    group: {
      most,
      run: runAll,
      back: (steps) =>
        whileOpen(async (open) => {
          if (steps < 1 || steps > taken) {
            throw new InputError(
              `"${name}" cannot go back to ${steps} of the ${taken} steps that it took last; give 1 to ${taken}.`,
            )
          }
          if (steps < taken) await take(open, 1 - current, steps)
        }),
    },
    read: () => whileOpen(async () => copyTree(layout.state, sides[current])),
    view: () =>
      whileOpen(async () =>
        unflatten(layout.state.map(({ keys }, i) => ({ keys, value: sides[current][i] }))),
      ),
    write: (state) =>
      whileOpen(async () => {
        for (const [i, { values }] of stateReader.read(state).entries()) sides[current][i].values.set(values)
        taken = 0
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
