import type { ImageConfig } from '../config/images.ts'
import type { ImageSet } from '../data/images/image-set.ts'
import { checkSampler, createProcess, type Process } from '../diffusion/index.ts'
import { InputError } from '../errors.ts'
import { imageUnet } from '../models/image-unet.ts'
import type { Network } from '../models/network.ts'

/** What a generator must know about the images it was trained on. */
export type ImageShape = Pick<ImageSet, 'height' | 'width' | 'colors' | 'classes'>

/** The file of a run that holds its {@link ImageShape}, so that sampling needs no images. */
export const SHAPE_FILE = 'images.json'

/** What is kept of a set of images. */
export function imageShape({ height, width, colors, classes }: ImageShape): ImageShape {
  return { height, width, colors, classes }
}

/** The untrained parts of an image generator, as its config and its images determine them. */
export interface ImageParts {
  readonly network: Network
  readonly process: Process
}

/** @throws InputError where settings do not fit the images or each other, naming the setting */
export function imageParts(config: ImageConfig, shape: ImageShape): ImageParts {
  const { height, width, colors } = shape
  if (config.classes && shape.classes.length === 0) {
    throw new InputError(
      'classes asks for a network that is told the class, but the images have none; set classes to null.',
    )
  }
  const { type: _, ...settings } = config.network
  const classes = config.classes ? shape.classes.length : 0
  const network = imageUnet({ ...settings, height, width, colors, classes })
  const process = createProcess(config.process)
  checkSampler(config.sampler, process)
  return { network, process }
}
