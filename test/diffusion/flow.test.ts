import test from 'ava'
import { flow, type Process } from '../../src/diffusion/index.ts'
import { deviation, tensors } from './fixture.ts'

for (const name of ['formulas_2d', 'formulas_images']) {
  test(`${name}: paths and velocities of the flow matchers`, (t) => {
    const tensor = tensors('torchcfm', name)
    const count = tensor['in.t'].length
    const size = tensor['in.x0'].length / count
    const mix = (
      noise: Float64Array,
      factors: (process: Process, t: number) => { data: number; noise: number },
      process: Process,
    ) =>
      tensor['in.x1'].map((data, i) => {
        const { data: a, noise: s } = factors(process, tensor['in.t'][Math.floor(i / size)])
        return a * data + s * noise[i]
      })
    const place = (process: Process, time: number) => ({
      data: process.alpha(time),
      noise: process.sigma(time),
    })
    const rate = (process: Process, time: number) => process.target(time)

    const linear = flow()
    t.true(deviation(mix(tensor['in.x0'], place, linear), tensor['cfm.mu_t']) < 2e-6)
    t.true(deviation(mix(tensor['in.x0'], rate, linear), tensor['cfm.ut']) < 2e-6)
    const target = flow({ sigmaMin: 0.05 })
    t.true(deviation(mix(tensor['in.eps'], place, target), tensor['target.xt']) < 2e-6)
    t.true(deviation(mix(tensor['in.eps'], rate, target), tensor['target.ut']) < 1e-5)
    const round = flow({ path: 'trigonometric' })
    t.true(deviation(mix(tensor['in.x0'], place, round), tensor['vp.mu_t']) < 2e-6)
    t.true(deviation(mix(tensor['in.x0'], rate, round), tensor['vp.ut']) < 1e-5)
  })
}
