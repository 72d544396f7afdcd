import test from 'ava'
import type { StepFunction, TensorFunction } from '../../src/engine/engine.ts'
import { type HostTensor, sizeOf, type Tree } from '../../src/engine/tensor.ts'
import type { tf } from '../../src/engine/tf.ts'
import { createNetwork } from '../../src/models/index.ts'
import type { HostParameters } from '../../src/models/network.ts'
import { averageDecay } from '../../src/train/ema.ts'
import { learningRate } from '../../src/train/learning-rate.ts'
import { biasCorrections } from '../../src/train/optimizer.ts'
import { trainStep } from '../../src/train/step.ts'
import { close, host, readCase, readTensors } from '../models/fixture.ts'
import type { Runner } from '../models/runners.ts'

interface TrainingCase {
  state_file: string
  tensor_file: string
  strided?: Record<string, number>
  hyper_parameters: {
    steps: number
    lr: number
    betas: [number, number]
    eps: number
    weight_decay: number
    lr_warmup_steps: number
  }
  tolerance: Record<'final' | 'ema' | 'exp_avg' | 'exp_avg_sq', { abs: number }> & { loss: { rel: number } }
}

const small = () =>
  createNetwork({
    type: 'temporal-unet',
    horizon: 16,
    channels: 2,
    condition: 40,
    widths: [16, 32],
    timeEmbedding: 32,
    scale: false,
  })

/** Declares the tests of an engine that hold several steps against PyTorch's. */
export function testParity(runner: Runner): void {
  for (const name of ['adamw_cosine_ema', 'adamw_large_lr']) {
    test(`${runner.name}: weights, average and moments match the peer: ${name}`, async (t) => {
      const fixture = await readCase<TrainingCase>('training_steps', name)
      const tensors = await readTensors('training_steps', fixture.tensor_file)
      const file = fixture.state_file.replace('../conditional_unet1d/', '')
      const network = small()
      const parameters = network.fromStateDict(await readTensors('conditional_unet1d', file))
      const {
        steps,
        lr,
        betas,
        eps,
        weight_decay: weightDecay,
        lr_warmup_steps: warmup,
      } = fixture.hyper_parameters
      const step = trainStep(network, { betas, epsilon: eps, weightDecay })
      const advance = asFunction(step)
      const rate = learningRate({ shape: 'cosine', rate: lr, warmup, steps })
      const alphas = tensors.alphas_cumprod.values

      let state: Tree<HostTensor> = {
        parameters,
        average: parameters,
        first: zeros(parameters),
        second: zeros(parameters),
      }
      for (let k = 0; k < steps; k++) {
        const at = (key: string) => slice(tensors[`in.${key}`], k)
        const each = (map: (alpha: number) => number) => {
          const values = [...at('timesteps').values].map((time) => map(alphas[time]))
          return host([values.length], values)
        }
        const scalars = {
          learningRate: rate(k),
          ...biasCorrections(k + 1, betas),
          averageDecay: averageDecay(k),
        }
        close(t, [scalars.learningRate], [tensors['step.lr'].values[k]], { relmax: 1e-7 }, 'learning rate')
        close(t, [scalars.averageDecay], [tensors['step.ema_decay'].values[k]], { relmax: 1e-7 }, 'decay')
        const inputs = {
          data: at('x0'),
          noise: at('noise'),
          condition: at('global_cond'),
          time: host([8], at('timesteps').values),
          alpha: each(Math.sqrt),
          sigma: each((alpha) => Math.sqrt(1 - alpha)),
          targetData: each(() => 0),
          targetNoise: each(() => 1),
          weight: each(() => 1),
          ...scalarTree(scalars),
        }
        const result = await runner.run('step', advance, { state, inputs })
        state = result.state as Tree<HostTensor>
        const outputs = result.outputs as Record<string, HostTensor>
        const [loss, norm] = [tensors['step.loss'].values[k], tensors['step.grad_l2'].values[k]]
        close(t, outputs.loss.values, [loss], { relmax: fixture.tolerance.loss.rel }, `loss ${k}`)
        close(t, outputs.gradientNorm.values, [norm], { relmax: 1e-5 }, `gradient norm ${k}`)
      }

      const parts = { final: 'parameters', ema: 'average', exp_avg: 'first', exp_avg_sq: 'second' } as const
      for (const [prefix, key] of Object.entries(parts) as ['final', 'parameters'][]) {
        const actual = network.toStateDict(state[key] as HostParameters)
        for (const [parameter, tensor] of Object.entries(actual)) {
          const full = `${prefix}.${parameter}`
          const reference = tensors[full]
          if (reference === undefined) {
            t.fail(`the fixture has no ${full}`)
            continue
          }
          const stride = fixture.strided?.[full] ?? 1
          const picked = tensor.values.filter((_, index) => index % stride === 0)
          close(t, picked, reference.values, fixture.tolerance[prefix], full)
        }
      }
    })
  }
}

/** A step as a function of one tree. */
export function asFunction(step: StepFunction): TensorFunction {
  return ({ state, inputs }) => {
    const next = step(state as Tree<tf.Tensor>, inputs as Tree<tf.Tensor>)
    return { state: next.state, outputs: next.outputs }
  }
}

/** Numbers as tensors. */
export function scalarTree<K extends string>(values: Record<K, number>): Record<K, HostTensor> {
  const entries = Object.entries<number>(values).map(([name, value]) => [name, host([], [value])])
  return Object.fromEntries(entries) as Record<K, HostTensor>
}

/** As parameters, but zero. */
export function zeros(parameters: HostParameters): HostParameters {
  const entries = Object.entries(parameters).map(([name, { shape }]) => [
    name,
    host([...shape], new Float32Array(sizeOf(shape))),
  ])
  return Object.fromEntries(entries)
}

function slice({ shape, values }: HostTensor, index: number): HostTensor {
  const rest = shape.slice(1)
  const size = sizeOf(rest)
  return host([...rest], values.slice(index * size, (index + 1) * size))
}
