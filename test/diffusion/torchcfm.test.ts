import test from 'ava'
import { pair } from '../../src/coupling/index.ts'
import { flow, type Process } from '../../src/diffusion/index.ts'
import type { HostTensor } from '../../src/engine/tensor.ts'
import { rows } from '../../src/rows.ts'
import { readCase, readTensors } from '../models/fixture.ts'

const TOPIC = 'torchcfm'

interface FormulaCase {
  readonly sigma: { readonly cfm: number; readonly target: number; readonly vp: number; readonly sb: number }
  readonly tolerance: { readonly default: { readonly rel: number; readonly abs: number } }
}

/** torchcfm's flow matchers as processes here; its x0 is the noise and its x1 the data. */
const matchers: Record<string, (sigma: FormulaCase['sigma']) => Process> = {
  cfm: ({ cfm }) => flow({ blur: cfm }),
  target: ({ target }) => flow({ sigmaMin: target }),
  vp: ({ vp }) => flow({ path: 'trigonometric', blur: vp }),
  sb: ({ sb }) => flow({ blur: sb, blurring: 'bridge' }),
}

for (const name of ['formulas_2d', 'formulas_images']) {
  for (const [kind, make] of Object.entries(matchers)) {
    test(`samples and velocities are torchcfm's: ${kind}, ${name}`, async (t) => {
      const { sigma, tolerance } = await readCase<FormulaCase>(TOPIC, name)
      const tensors = await readTensors(TOPIC, `${name}.safetensors`)
      const process = make(sigma)
      const values = (key: string) => tensors[key].values as Float32Array
      const [x0, x1, eps, times] = ['in.x0', 'in.x1', 'in.eps', 'in.t'].map(values)
      // Lipman's path knows no noise but its own.
      const noise = kind === 'target' ? eps : x0
      const width = x0.length / times.length
      const near = (actual: number, expected: number) =>
        Math.abs(actual - expected) <= tolerance.default.abs + tolerance.default.rel * Math.abs(expected)
      for (let i = 0; i < x0.length; i++) {
        const time = times[Math.floor(i / width)]
        const target = process.target(time)
        const extra = process.extra?.(time) ?? { sample: 0, target: 0 }
        const x = process.alpha(time) * x1[i] + process.sigma(time) * noise[i] + extra.sample * eps[i]
        const velocity = target.data * x1[i] + target.noise * noise[i] + extra.target * eps[i]
        if (!near(x, values(`${kind}.xt`)[i]))
          return t.fail(`xt at ${i}: ${x}, not ${values(`${kind}.xt`)[i]}`)
        if (!near(velocity, values(`${kind}.ut`)[i]))
          return t.fail(`ut at ${i}: ${velocity}, not ${values(`${kind}.ut`)[i]}`)
      }
      t.pass()
    })
  }

  test(`exact optimal transport pairs as torchcfm's plan: ${name}`, async (t) => {
    const tensors = await readTensors(TOPIC, `${name}.safetensors`)
    const matrix = ({ values, shape }: HostTensor) =>
      rows(values as Float32Array, shape[0], values.length / shape[0])
    const found = pair(matrix(tensors['in.x0']), matrix(tensors['in.x1']), { cost: 'squared' })
    t.deepEqual([...found], Array.from(tensors['ot.col_ind'].values, Number))
  })
}
