import test from 'ava'
import { InputError } from '../../src/errors.ts'
import { type ImageUnetConfig, imageUnet } from '../../src/models/image-unet.ts'
import { Rng } from '../../src/random/rng.ts'
import { close, host } from './fixture.ts'
import { CASES, load } from './image-unet-case.ts'
import { checkParity, predict } from './parity.ts'
import { runners } from './runners.ts'

for (const name of CASES) {
  test(`outputs, loss and gradients match the peer: ${name}`, async (t) => {
    const { network, parity } = await load(name)
    await checkParity(t, runners[1], network, parity)
  })
}

const SMALL: ImageUnetConfig = { height: 8, width: 8, colors: 1, base: 32, multiples: [1, 2], heads: 2 }

test('a fresh network predicts zeros, whatever it sees', async (t) => {
  const network = imageUnet({ ...SMALL, scale: true })
  const output = await predict(runners[1], network, network.init(Rng.seeded(1)), {
    sample: host([2, 64, 1], Rng.seeded(2).fillNormal(new Float32Array(128))),
    time: host([2], [0.1, 0.9]),
  })
  t.true(output.every((value) => value === 0))
})

test('dropout needs numbers for every residual block and leaves others alone', async (t) => {
  const network = imageUnet({ ...SMALL, dropout: 0.5 })
  const needs = network.dropout(3)
  t.deepEqual(needs['middle_block.0'].shape, [3, 4, 4, 64])
  t.is(Object.keys(needs).length, 8)
  t.deepEqual(imageUnet(SMALL).dropout(3), {})
  const rng = Rng.seeded(4)
  const parameters = Object.fromEntries(
    Object.entries(network.parameters).map(([name, { shape }]) => {
      const size = shape.reduce((a, b) => a * b, 1)
      return [
        name,
        host(
          [...shape],
          rng.fillNormal(new Float32Array(size)).map((x) => 0.1 * x),
        ),
      ]
    }),
  )
  const inputs = {
    sample: host([3, 64, 1], rng.fillNormal(new Float32Array(192))),
    time: host([3], [0, 1, 2]),
  }
  const uniforms = (value: number) =>
    Object.fromEntries(
      Object.entries(needs).map(([name, { shape }]) => [
        name,
        host([...shape], new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(value)),
      ]),
    )
  const plain = (await predict(runners[1], imageUnet(SMALL), parameters, inputs)).slice()
  const without = (await predict(runners[1], network, parameters, inputs)).slice()
  close(t, without, plain, { relmax: 1e-6 }, 'no numbers, no dropout')
  const kept = await predict(runners[1], network, parameters, { ...inputs, dropout: uniforms(0.9) } as never)
  t.false(kept.every((value, i) => Math.abs(value - plain[i]) < 1e-3))
})

test('settings that do not fit are named', (t) => {
  const refuse = (change: Partial<ImageUnetConfig>, message: RegExp) =>
    t.throws(() => imageUnet({ ...SMALL, ...change }), { instanceOf: InputError, message })
  refuse({ base: 48 }, /"base" is 48, which is not a multiple of 32/)
  refuse({ height: 7 }, /"height" is 7, which is not a multiple of 2/)
  refuse({ attention: [5] }, /"attention" names a height of 5.*among 8, 4/)
  refuse({ multiples: [] }, /"multiples" is empty/)
  refuse({ dropout: 1 }, /"dropout" is 1/)
  refuse({ headWidth: 24 }, /not a multiple of 24/)
})
