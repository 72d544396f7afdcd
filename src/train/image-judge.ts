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
import {
  createReference,
  type ImageFigures,
  measureImages,
  type Reference,
} from '../evaluate/images/measure.ts'
import { type Rows, rows } from '../rows.ts'
import { encodeSafetensors, readSafetensors } from '../weights/safetensors.ts'
import { trainClassifier } from './classifier.ts'

/** Where features of reference images are kept between runs. */
export const FEATURE_CACHE = join('data', 'features')

/** Measures samples against one set of real images. */
export interface ImageJudge {
  readonly features: string
  readonly reference: Reference
  /** Where they are kept, if they are, and whether they had to be made. */
  readonly cached?: { readonly path: string; readonly made: boolean }
  /** @throws InputError for too few samples */
  judge(samples: Pixels): Promise<ImageFigures>
}

/**
 * @param features `pixels`, `classifier` (a small network trained on the images' own classes, once), or the path
 *   of a feature extractor as `.onnx`
 * @param cache folder that keeps the features of real images
 * @throws InputError for features that cannot be used with these images, or for too few of these
 */
export async function imageJudge(
  features: string,
  images: ImageSet,
  engine: Engine,
  cache = FEATURE_CACHE,
): Promise<ImageJudge> {
  const extractor = await extractorOf(features, images, engine)
  const { features: known, cached } = await referenceFeatures(extractor, images, cache)
  const reference = createReference(known)
  return {
    features: extractor.name,
    reference,
    ...(cached && { cached }),
    judge: async (samples) => measureImages(reference, await extractor.extract(samples)),
  }
}

async function extractorOf(features: string, images: ImageSet, engine: Engine): Promise<FeatureExtractor> {
  if (features === 'pixels') return pixelFeatures
  return features === 'classifier' ? trainClassifier(images, engine) : onnxFeatures(features)
}

/** Features of real images, from the cache where they are worth it and there. */
async function referenceFeatures(
  extractor: FeatureExtractor,
  images: ImageSet,
  cache: string,
): Promise<{ readonly features: Rows; readonly cached?: ImageJudge['cached'] }> {
  if (extractor.digest === undefined) return { features: await extractor.extract(images) }
  const { count, height, width, colors, pixels } = images
  const key = createHash('sha256')
    .update(`${extractor.digest} ${count} ${height} ${width} ${colors}`)
    .update(pixels)
    .digest('hex')
  const path = join(cache, `${key.slice(0, 16)}.safetensors`)
  if (existsSync(path)) {
    const { values, shape } = (await readSafetensors(path)).tensors.features
    return { features: rows(values as Float32Array, shape[0], shape[1]), cached: { path, made: false } }
  }
  const features = await extractor.extract(images)
  const shape = [features.rows, features.columns]
  await writeFileAtomic(
    path,
    encodeSafetensors({ features: { shape, dtype: 'float32', values: features.values } }),
  )
  return { features, cached: { path, made: true } }
}
