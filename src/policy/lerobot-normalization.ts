import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { readConfigFile } from '../config/parse.ts'
import type { FieldNormalizer, FieldStatistics } from '../data/normalizer.ts'
import { InputError } from '../errors.ts'
import type { HostParameters } from '../models/network.ts'
import { readSafetensors } from '../weights/safetensors.ts'

const modes = ['IDENTITY', 'MEAN_STD', 'MIN_MAX', 'QUANTILES', 'QUANTILE10'] as const

/** How LeRobot normalises each type of feature (`STATE`, `ENV`, `ACTION`, …); a type that is not named stays as it is. */
export const normalizationSchema = z.record(z.string(), z.enum(modes))

const PREPROCESSOR = 'policy_preprocessor.json'
const STEP = 'normalizer_processor'

/** What is read of {@link PREPROCESSOR}. */
const preprocessorSchema = z.looseObject({
  steps: z.array(
    z.looseObject({
      registry_name: z.string().optional(),
      config: z.looseObject({ norm_map: normalizationSchema.optional() }).optional(),
      state_file: z.string().optional(),
    }),
  ),
})

/** LeRobot adds this to deviations and puts it in place of ranges of nothing. */
const EPSILON = 1e-8

/** A part of what a policy sees or does, such as `observation.state`. */
export interface Feature {
  readonly name: string
  /** `STATE`, `ENV` or `ACTION`. */
  readonly type: string
  readonly width: number
}

/** The affine map of one feature. @throws InputError naming the statistic that is missing */
export type FeatureNormalizer = (feature: Feature) => FieldNormalizer

/**
 * Finds out how a policy normalises: from the preprocessor beside it or, as LeRobot had it before 0.4, from the
 * buffers among its weights.
 *
 * @param mapping of the policy's config
 * @param weights of the policy
 */
export async function readNormalization(
  folder: string,
  mapping: z.output<typeof normalizationSchema>,
  weights: HostParameters,
): Promise<FeatureNormalizer> {
  const path = join(folder, PREPROCESSOR)
  if (!existsSync(path)) {
    const buffer = ({ name, type }: Feature) =>
      `${type === 'ACTION' ? 'unnormalize_outputs' : 'normalize_inputs'}.buffer_${name.replaceAll('.', '_')}`
    return featureNormalizer(mapping, weights, buffer, folder)
  }
  const { steps } = await readConfigFile(preprocessorSchema, path)
  const step = steps.find(({ registry_name: name }) => name === STEP)
  const file = step?.state_file
  const statistics = file === undefined ? {} : (await readSafetensors(join(folder, file))).tensors
  return featureNormalizer(step?.config?.norm_map ?? mapping, statistics, ({ name }) => name, path)
}

function featureNormalizer(
  mapping: z.output<typeof normalizationSchema>,
  statistics: HostParameters,
  prefix: (feature: Feature) => string,
  where: string,
): FeatureNormalizer {
  return (feature) => {
    const { name, type, width } = feature
    const mode = mapping[type] ?? 'IDENTITY'
    const known = (statistic: string): Float32Array | undefined => {
      const values = statistics[`${prefix(feature)}.${statistic}`]?.values
      return values instanceof Float32Array && values.length === width ? values : undefined
    }
    const needed = (statistic: string) => {
      const values = known(statistic)
      if (values?.every(Number.isFinite)) return values
      throw new InputError(
        `${where} has no "${statistic}" of ${width} numbers for "${name}", which its normalisation ${mode} needs; save the policy with its preprocessor.`,
      )
    }
    const filled = (value: number) => new Float32Array(width).fill(value)
    const maps = {
      IDENTITY: () => ({ scale: filled(1), offset: filled(0) }),
      MEAN_STD: () => fromMoments(needed('mean'), needed('std')),
      MIN_MAX: () => fromRange(needed('min'), needed('max'), type),
      QUANTILES: () => fromRange(needed('q01'), needed('q99'), type),
      QUANTILE10: () => fromRange(needed('q10'), needed('q90'), type),
    }
    const stored: FieldStatistics = {
      min: known('min') ?? filled(Number.NaN),
      max: known('max') ?? filled(Number.NaN),
      mean: known('mean') ?? filled(Number.NaN),
      std: known('std') ?? filled(Number.NaN),
    }
    return { ...maps[mode](), statistics: stored }
  }
}

type Affine = Pick<FieldNormalizer, 'scale' | 'offset'>

function fromMoments(mean: Float32Array, std: Float32Array): Affine {
  const scale = std.map((deviation) => 1 / (deviation + EPSILON))
  return { scale, offset: mean.map((value, i) => -value * scale[i]) }
}

/** The range becomes [−1, 1]. What never changes becomes −1; as an action it comes back as it was, whatever is planned. */
function fromRange(low: Float32Array, high: Float32Array, type: string): Affine {
  // As observations, the epsilon's inverse would drown in rounding.
  const nothing = type === 'ACTION' ? EPSILON : 2
  const scale = low.map((from, i) => 2 / (high[i] - from || nothing))
  return { scale, offset: low.map((from, i) => -1 - from * scale[i]) }
}
