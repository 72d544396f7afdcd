import type { ExecutionContext } from 'ava'
import type { TensorFunction } from '../../src/engine/engine.ts'
import type { HostTensor, Tree } from '../../src/engine/tensor.ts'
import { tf } from '../../src/engine/tf.ts'
import type { HostParameters, Network, NetworkInputs } from '../../src/models/network.ts'
import type { Parameters } from '../../src/nn/parameter-scope.ts'
import { close, type FixtureCase, host } from './fixture.ts'
import type { Runner } from './runners.ts'

/** A peer's case, read and with the names of {@link NetworkInputs}. */
export interface ParityCase {
  readonly fixture: FixtureCase
  readonly state: HostParameters
  readonly tensors: Record<string, HostTensor>
  /** Fixture's name of each input, by the name here. */
  readonly inputs: Record<string, string>
}

/** Checks outputs, loss and every gradient of a network against the peer's. */
export async function checkParity(
  t: ExecutionContext,
  runner: Runner,
  network: Network,
  { fixture, state, tensors, inputs: names }: ParityCase,
): Promise<void> {
  const { tolerance, gradients } = fixture
  const parameters = network.fromStateDict(state)
  const inputs: Record<string, HostTensor> = {}
  for (const [name, source] of Object.entries(names)) {
    const { shape, values } = tensors[`in.${source}`]
    inputs[name] = host(name === 'condition' ? flattened(shape) : [...shape], values)
  }

  const result = (await runner.run('gradients', lossAndGradients(network, Object.keys(names)), {
    parameters,
    inputs,
    target: tensors.target,
  })) as unknown as {
    output: HostTensor
    loss: HostTensor
    parameters: HostParameters
    inputs: HostParameters
  }
  close(t, result.output.values, tensors['out.output'].values, tolerance.output, 'output')
  const loss = tensors.loss.values[0]
  close(t, result.loss.values, [loss], { abs: tolerance.loss.rel * Math.abs(loss) }, 'loss')

  const missing = Object.keys(network.parameters).filter((name) => !(name in result.parameters))
  t.deepEqual(missing.sort(), gradients.none.filter((name) => name in network.parameters).sort())
  const zeros = Object.fromEntries(missing.map((name) => [name, parameters[name]]))
  const byStateName = network.toStateDict({ ...result.parameters, ...zeros })
  const floor = (tolerance.grad.abs ?? 0) + tolerance.grad.relmax * 1e-3 * gradients.max_abs_over_all
  let compared = 0
  for (const name of Object.keys(network.parameters)) {
    if (missing.includes(name)) continue
    const stride = gradients.strided[name]
    const all = byStateName[name].values
    const actual = stride === undefined ? all : all.filter((_, index) => index % stride === 0)
    const reference = tensors[stride === undefined ? `grad.${name}` : `gradstride.${name}`]
    t.deepEqual(byStateName[name].shape, state[name].shape)
    const largest = gradients.stats[name].max_abs
    close(t, actual, reference.values, { abs: floor + tolerance.grad.relmax * largest }, name)
    compared++
  }
  t.is(compared, Object.keys(network.parameters).length - missing.length)
  for (const [name, source] of Object.entries(names)) {
    const reference = tensors[`ingrad.${source}`]
    if (!reference) continue
    const limits = { relmax: tolerance.ingrad.relmax, abs: floor }
    close(t, result.inputs[name].values, reference.values, limits, `input gradient of ${name}`)
  }

  const small = Object.fromEntries(
    Object.entries(parameters).map(([name, tensor]) => {
      const factor = isNorm(name) ? 1 : 0.0625
      return [
        name,
        host(
          [...tensor.shape],
          [...tensor.values].map((x) => x * factor),
        ),
      ]
    }),
  )
  const output = await predict(runner, network, small, inputs)
  const expected = tensors['out.output_small_weights'].values
  close(t, output, expected, tolerance.output_small_weights, 'output with small weights')

  if ('out.output_t7' in tensors) {
    const time = host([...inputs.time.shape], [...inputs.time.values].fill(7))
    const atSeven = await predict(runner, network, parameters, { ...inputs, time })
    close(t, atSeven, tensors['out.output_t7'].values, tolerance.output, 'output at time 7')
  }
}

/** The network's prediction. */
export async function predict(
  runner: Runner,
  network: Network,
  parameters: HostParameters,
  inputs: Record<string, HostTensor>,
): Promise<HostTensor['values']> {
  const fn: TensorFunction = (trees) => ({
    output: network.apply(trees.parameters as Parameters, trees.inputs as unknown as NetworkInputs),
  })
  const { output } = await runner.run('predict', fn, { parameters, inputs })
  return (output as HostTensor).values
}

function lossAndGradients(network: Network, names: string[]): TensorFunction {
  const parameterNames = Object.keys(network.parameters)
  return (trees) => {
    const parameters = trees.parameters as Parameters
    const inputs = trees.inputs as Record<string, tf.Tensor>
    const held = [...parameterNames.map((name) => parameters[name]), ...names.map((name) => inputs[name])]
    const { value, grads } = tf.engine().gradients(
      () => {
        const output = network.apply(parameters, inputs as unknown as NetworkInputs)
        return tf.mean(tf.squaredDifference(output, trees.target as tf.Tensor))
      },
      held,
      undefined,
      true,
    )
    const pick = (keys: string[], offset: number): Tree<tf.Tensor> =>
      Object.fromEntries(
        keys.flatMap((key, index) => (grads[offset + index] ? [[key, grads[offset + index]]] : [])),
      )
    return {
      output: network.apply(parameters, inputs as unknown as NetworkInputs),
      loss: value,
      parameters: pick(parameterNames, 0),
      inputs: pick(names, parameterNames.length),
    }
  }
}

function isNorm(name: string): boolean {
  return /(?:norm\d?|ln_f|block\.1|(?:in|out)_layers\.0|^out\.0)\.(?:weight|bias)$/.test(name)
}

function flattened([batch, ...rest]: readonly number[]): number[] {
  return [batch, rest.reduce((product, size) => product * size, 1)]
}
