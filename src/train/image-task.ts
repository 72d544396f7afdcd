import type { ImageConfig } from '../config/images.ts'
import { createCoupling } from '../coupling/index.ts'
import { imageRows } from '../data/images/image-rows.ts'
import { type ImageSet, selectImages } from '../data/images/image-set.ts'
import { invertMask, validationMask } from '../data/split.ts'
import { imageParts } from '../generate/parts.ts'
import { Rng } from '../random/rng.ts'
import { rows } from '../rows.ts'
import type { Samples, TrainingTask } from './task.ts'

/**
 * The training task of an image generator. A share of the images is held out for validation.
 *
 * @throws InputError where images and settings do not fit each other
 */
export function imageTask(config: ImageConfig, images: ImageSet): TrainingTask {
  const { network, process } = imageParts(config, images)
  const heldOut = validationMask(images.count, config.training.validationShare, Rng.seeded(config.seed))
  const validation = chosen(images, heldOut)
  return {
    network,
    process,
    coupling: createCoupling(config.coupling),
    training: samplesOf(config, chosen(images, invertMask(heldOut)), config.images.flip),
    ...(validation.count > 0 && { validation: samplesOf(config, validation, false) }),
    ...(config.classes && {
      conditionDropout: { share: config.classes.dropout, empty: new Float32Array(network.condition) },
    }),
  }
}

function chosen(images: ImageSet, mask: Uint8Array): ImageSet {
  return selectImages(
    images,
    Int32Array.from({ length: images.count }, (_, i) => i).filter((i) => mask[i] === 1),
  )
}

function samplesOf(config: ImageConfig, images: ImageSet, flip: boolean): Samples {
  const { labels, classes } = images
  const data = imageRows(images, { flip, scale: config.images.scale })
  if (!config.classes || !labels) return { data, ...(labels && { labels }) }
  const hot = new Float32Array(images.count * classes.length)
  labels.forEach((label, i) => {
    hot[i * classes.length + label] = 1
  })
  return { data, labels, condition: rows(hot, images.count, classes.length) }
}
