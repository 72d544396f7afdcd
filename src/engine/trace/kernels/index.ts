import type { Lowerings } from '../kernel.ts'
import { binaries } from './binary.ts'
import { convolutions } from './conv.ts'
import { creation } from './create.ts'
import { elementwise } from './elementwise.ts'
import { gathers } from './gather.ts'
import { matmuls } from './matmul.ts'
import { normalizations } from './normalize.ts'
import { pools } from './pool.ts'
import { reductions } from './reduce.ts'
import { resizes } from './resize.ts'
import { shapes } from './shape.ts'

/** Every translated tfjs kernel, by the file that translates it. */
export const KERNEL_FILES: Readonly<Record<string, Lowerings>> = {
  'elementwise.ts': elementwise,
  'binary.ts': binaries,
  'shape.ts': shapes,
  'reduce.ts': reductions,
  'matmul.ts': matmuls,
  'conv.ts': convolutions,
  'pool.ts': pools,
  'resize.ts': resizes,
  'gather.ts': gathers,
  'create.ts': creation,
  'normalize.ts': normalizations,
}
