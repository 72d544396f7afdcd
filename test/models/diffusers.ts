import type { ExecutionContext } from 'ava'
import type { TensorFunction } from '../../src/engine/engine.ts'
import type { HostTensor, Tree } from '../../src/engine/tensor.ts'
import { tf } from '../../src/engine/tf.ts'
import type { HostParameters } from '../../src/models/network.ts'
import type { Parameterized } from '../../src/models/parameterized.ts'
import type { Parameters } from '../../src/nn/parameter-scope.ts'
import { close, type FixtureCase, host, readCase, readTensors } from './fixture.ts'
import type { Runner } from './runners.ts'

export const TOPIC = 'diffusers_sd'

/** A case of diffusers: its description, weights and tensors. */
export async function loadCase(name: string) {
  const fixture = await readCase<FixtureCase & { gradients: { zero: string[] } }>(TOPIC, name)
  return {
    fixture,
    state: (await readTensors(TOPIC, fixture.state_file)) as HostParameters,
    tensors: await readTensors(TOPIC, fixture.tensor_file),
  }
}

export type Case = Awaited<ReturnType<typeof loadCase>>

/** A function of parameters and inputs. */
export type Model = (parameters: Parameters, inputs: Record<string, tf.Tensor>) => Record<string, tf.Tensor>

/** [B, C, H, W] → [B, H, W, C]. */
export const channelsLast = (x: tf.Tensor) => tf.transpose(x, [0, 2, 3, 1])
/** [B, H, W, C] → [B, C, H, W]. */
export const channelsFirst = (x: tf.Tensor) => tf.transpose(x, [0, 3, 1, 2])

/**
 * Runs a model and the gradients of its output `loss`, and compares loss, outputs and every gradient with the
 * peer's.
 */
export async function checkCase(
  t: ExecutionContext,
  runner: Runner,
  model: Parameterized,
  { fixture, state, tensors }: Case,
  fn: Model,
  inputNames: string[],
): Promise<void> {
  const { tolerance, gradients } = fixture
  const parameters = model.fromStateDict(state)
  const names = Object.keys(model.parameters)
  const inputs = floats(tensors, inputNames)
  const result = (await runner.run(
    'gradients',
    (trees) => {
      const held = trees as unknown as {
        parameters: Parameters
        inputs: Record<string, tf.Tensor>
        target: tf.Tensor
      }
      const given = { ...held.inputs, target: held.target }
      const sources = [
        ...names.map((name) => held.parameters[name]),
        ...inputNames.map((name) => held.inputs[name]),
      ]
      const { value, grads } = tf
        .engine()
        .gradients(() => fn(held.parameters, given).loss as tf.Scalar, sources, undefined, true)
      const all = fn(held.parameters, given)
      return {
        ...all,
        loss: value,
        gradients: Object.fromEntries(names.map((name, i) => [name, grads[i]])),
        inputs: Object.fromEntries(
          inputNames.flatMap((name, i) => {
            const gradient = grads[names.length + i]
            return gradient ? [[name, gradient]] : []
          }),
        ),
      } as Tree<tf.Tensor>
    },
    { parameters, inputs, target: tensors.target },
  )) as unknown as Record<string, HostTensor> & { gradients: HostParameters; inputs: HostParameters }

  const reference = tensors.loss.values[0]
  close(t, result.loss.values, [reference], { abs: tolerance.loss.rel * Math.abs(reference) }, 'loss')
  for (const name of Object.keys(tensors).filter((key) => key.startsWith('out.') && !key.includes('small'))) {
    close(t, result[name.slice(4)].values, tensors[name].values, tolerance.output, name)
  }
  const byName = model.toStateDict(result.gradients)
  const floor = (tolerance.grad.abs ?? 0) + tolerance.grad.relmax * 1e-3 * gradients.max_abs_over_all
  for (const name of names) {
    const stride = gradients.strided[name]
    const actual = byName[name].values.filter((_, index) => stride === undefined || index % stride === 0)
    const peer = tensors[stride === undefined ? `grad.${name}` : `gradstride.${name}`].values
    t.deepEqual(byName[name].shape, state[name].shape)
    const largest = gradients.zero.includes(name) ? 0 : gradients.stats[name].max_abs
    close(t, actual, peer, { abs: floor + tolerance.grad.relmax * largest }, name)
  }
  for (const name of inputNames) {
    const peer = tensors[`ingrad.${name}`]
    if (peer)
      close(t, result.inputs[name].values, peer.values, { relmax: tolerance.ingrad.relmax, abs: floor }, name)
  }
}

/** Runs a model without gradients and compares its outputs with the peer's. */
export async function checkOutputs(
  t: ExecutionContext,
  runner: Runner,
  model: Parameterized,
  { fixture, state, tensors }: Case,
  fn: Model,
  inputNames: string[],
): Promise<void> {
  const result = (await runner.run('outputs', withTarget(fn), {
    parameters: model.fromStateDict(state),
    inputs: floats(tensors, inputNames),
    target: tensors.target,
  })) as Record<string, HostTensor>
  for (const name of Object.keys(tensors).filter((key) => key.startsWith('out.') && !key.includes('small'))) {
    close(t, result[name.slice(4)].values, tensors[name].values, fixture.tolerance.output, name)
  }
}

/** {@link Model} as a function of one tree. */
function withTarget(fn: Model): TensorFunction {
  return (trees) =>
    fn(trees.parameters as Parameters, { ...(trees.inputs as Parameters), target: trees.target as tf.Tensor })
}

/** Runs a model with every parameter but those of the norms made smaller: there an eps that is off shows. */
export async function withSmallWeights(
  runner: Runner,
  model: Parameterized,
  { state, tensors }: Case,
  fn: Model,
  inputNames: string[],
): Promise<Record<string, HostTensor>> {
  const small = Object.fromEntries(
    Object.entries(state).map(([name, { shape, values }]) => {
      const factor = /norm\w*\.(weight|bias)$/.test(name) ? 1 : 0.0625
      return [
        name,
        host(
          [...shape],
          [...values].map((x) => x * factor),
        ),
      ]
    }),
  )
  const result = await runner.run('small weights', withTarget(fn), {
    parameters: model.fromStateDict(small),
    inputs: floats(tensors, inputNames),
    target: tensors.target,
  })
  return result as Record<string, HostTensor>
}

function floats(tensors: Record<string, HostTensor>, names: string[]): Record<string, HostTensor> {
  return Object.fromEntries(
    names.map((name) => {
      const { shape, values } = tensors[`in.${name}`]
      return [name, host([...shape], values)]
    }),
  )
}
