import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../atomic.ts'
import type { ImageSet } from '../data/images/image-set.ts'
import type { Engine } from '../engine/engine.ts'
import {
  type FeatureExtractor,
  onnxFeatures,
  type Pixels,
  pixelFeatures,
} from '../evaluate/images/features.ts'
import { type ImageFigures, measureImages } from '../evaluate/images/measure.ts'
import { type Rows, rows } from '../rows.ts'
import { encodeSafetensors, readSafetensors } from '../weights/safetensors.ts'
import { trainClassifier } from './classifier.ts'

/** Where features of reference images are kept between runs. */
const CACHE = join('data', 'features')

/** Measures samples against one set of real images. */
export interface ImageJudge {
  readonly features: string
  /** @throws InputError for too few samples */
  judge(samples: Pixels): Promise<ImageFigures>
}

/**
 * @param features `pixels`, `classifier` (a small network trained on the images' own classes, once), or the path
 *   of a feature extractor as `.onnx`
 * @param cache folder that keeps the features of real images
 * @throws InputError for features that cannot be used with these images
 */
export async function imageJudge(
  features: string,
  images: ImageSet,
  engine: Engine,
  cache = CACHE,
): Promise<ImageJudge> {
  const extractor = await extractorOf(features, images, engine)
  const reference = await referenceFeatures(extractor, images, cache)
  return {
    features: extractor.name,
    judge: async (samples) => measureImages(reference, await extractor.extract(samples)),
  }
}

async function extractorOf(features: string, images: ImageSet, engine: Engine): Promise<FeatureExtractor> {
  if (features === 'pixels') return pixelFeatures
  return features === 'classifier' ? trainClassifier(images, engine) : onnxFeatures(features)
}

/** Features of real images, from the cache where they are there. Those of the classifier are as quick to make. */
async function referenceFeatures(
  extractor: FeatureExtractor,
  images: ImageSet,
  cache: string,
): Promise<Rows> {
  if (extractor.name === 'classifier' || extractor === pixelFeatures) return extractor.extract(images)
  const key = createHash('sha256').update(extractor.name).update(images.pixels).digest('hex').slice(0, 16)
  const path = join(cache, `${key}.safetensors`)
  if (existsSync(path)) {
    const { features } = (await readSafetensors(path)).tensors
    return rows(features.values as Float32Array, features.shape[0], features.shape[1])
  }
  const made = await extractor.extract(images)
  const shape = [made.rows, made.columns]
  await writeFileAtomic(
    path,
    encodeSafetensors({ features: { shape, dtype: 'float32', values: made.values } }),
  )
  return made
}
