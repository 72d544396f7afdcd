import test from 'ava'
import { kernelFile } from '../../src/engine/trace/kernel-file.ts'
import { KERNEL_FILES } from '../../src/engine/trace/kernels/index.ts'

for (const [file, lowerings] of Object.entries(KERNEL_FILES)) {
  test(`the kernels of ${file} belong there by their names`, (t) => {
    for (const kernel of Object.keys(lowerings)) t.is(kernelFile(kernel), file, kernel)
  })
}

test('kernels that are not translated go with their family', (t) => {
  const files = [
    'Conv3D',
    'DepthwiseConv2dNative',
    'MaxPool3DGrad',
    'Atan2',
    'SpaceToBatchND',
    'ComplexAbs',
  ].map(kernelFile)
  t.deepEqual(files, ['conv.ts', 'conv.ts', 'pool.ts', 'binary.ts', 'shape.ts', 'elementwise.ts'])
})
