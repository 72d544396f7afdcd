import test from 'ava'
import { float32, type HostTensor, onnxEngine, type Tree } from '../../src/engine/index.ts'
import { tf } from '../../src/engine/tf.ts'
import { InputError } from '../../src/errors.ts'
import { engineContract } from '../contracts/engine.ts'
import { flat } from './compare.ts'

engineContract(test, onnxEngine({ threads: 1, group: 4 }))

const vector = (...values: number[]): HostTensor => ({ ...float32(2), values: Float32Array.from(values) })

/** A weight with momentum, and an entry that no step changes. */
async function descent(group: number) {
  const step = await onnxEngine({ threads: 1, group }).compileStep(
    'descent',
    (state, inputs) => {
      const { weight, velocity, rate } = state as Record<string, tf.Tensor>
      const { target } = inputs as Record<string, tf.Tensor>
      const gradient = tf.grad((w) => tf.sum(tf.square(tf.sub(w, target))) as tf.Scalar)(weight)
      const next = tf.add(tf.mul(velocity, 0.9), gradient)
      return {
        state: { weight: tf.sub(weight, tf.mul(rate, next)), velocity: next, rate },
        outputs: { gradient, norm: tf.sum(tf.square(gradient)) },
      }
    },
    {
      state: { weight: float32(2), velocity: float32(2), rate: float32() },
      inputs: { target: float32(2) },
    },
  )
  await step.write({
    weight: vector(1, -2),
    velocity: vector(0, 0),
    rate: { ...float32(), values: Float32Array.of(0.1) },
  })
  return step
}

const targets = Array.from({ length: 6 }, (_, i) => ({ target: vector(Math.sin(i), Math.cos(i)) }))
const values = (tree: Tree<HostTensor>) => structuredClone(flat(tree))

test('several steps in one run do what they do one by one, and can be gone back into', async (t) => {
  const single = await descent(1)
  t.is(single.group, undefined)
  const outputs: unknown[] = []
  const states = [values(await single.read())]
  for (const inputs of targets) {
    outputs.push(values(await single.run(inputs)))
    states.push(values(await single.read()))
  }

  const grouped = await descent(4)
  const { group } = grouped
  t.is(group!.most, 4)
  t.deepEqual((await group!.run(targets.slice(0, 4))).map(values), outputs.slice(0, 4))
  t.deepEqual(values(await grouped.read()), states[4])
  await group!.back(4)
  t.deepEqual(values(await grouped.view()), states[4])
  await group!.back(3)
  t.deepEqual(values(await grouped.read()), states[3])
  await group!.back(1)
  t.deepEqual(values(await grouped.view()), states[1])
  // On from there, with fewer steps than it has room for.
  t.deepEqual((await group!.run(targets.slice(1, 3))).map(values), outputs.slice(1, 3))
  t.deepEqual(values(await grouped.run(targets[3])), outputs[3])
  t.deepEqual((await group!.run(targets.slice(4))).map(values), outputs.slice(4))
  t.deepEqual(values(await grouped.read()), states[6])
  await single.dispose()
  await grouped.dispose()
})

test('more steps than there is room for, or than were taken, are refused', async (t) => {
  const { group, read, write, dispose } = await descent(2)
  const refused = (action: Promise<unknown>, message: RegExp) =>
    t.throwsAsync(action, { instanceOf: InputError, message })
  await refused(group!.run([]), /given 0 steps; give 1 to 2/)
  await refused(group!.run(targets.slice(0, 3)), /given 3 steps; give 1 to 2/)
  await refused(group!.back(1), /back to 1 of the 0 steps/)
  await group!.run(targets.slice(0, 2))
  await refused(group!.back(0), /back to 0 of the 2 steps/)
  await group!.back(1)
  await refused(group!.back(2), /back to 2 of the 1 steps/)
  // What was written has no steps behind it.
  await write(await read())
  await refused(group!.back(1), /of the 0 steps/)
  await dispose()
})
