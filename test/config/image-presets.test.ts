import test from 'ava'
import { IMAGE_PRESETS, imagePreset } from '../../src/config/image-presets.ts'
import { imageParts } from '../../src/generate/parts.ts'

const DIGITS = { height: 28, width: 28, colors: 1, classes: Array.from({ length: 10 }, (_, i) => String(i)) }
const PHOTOS = { ...DIGITS, height: 32, width: 32, colors: 3 }

for (const name of Object.keys(IMAGE_PRESETS)) {
  test(`the preset ${name} fits its images, and its parts each other`, (t) => {
    const config = imagePreset(name)
    const shape = config.images.source.type === 'cifar10' ? PHOTOS : DIGITS
    const { network } = imageParts(config, shape)
    t.is(network.horizon, shape.height * shape.width)
    t.is(network.condition, config.classes ? 10 : 0)
    if (name === 'images/cifar10-flow') {
      // The size of torchcfm's network for CIFAR-10.
      const size = Object.values(network.parameters).reduce(
        (sum, { shape: each }) => sum + each.reduce((a, b) => a * b, 1),
        0,
      )
      t.is(size, 35_746_307)
    }
  })
}

test('an unknown preset names the nearest one', (t) => {
  t.throws(() => imagePreset('images/mnist-flw'), { message: /did you mean "images\/mnist-flow"/ })
})
