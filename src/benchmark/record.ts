import { z } from 'zod'

const share = z.number().min(0).max(1)

/** What a job was made with and what it left, beside its evaluations. */
export const jobRecordSchema = z.strictObject({
  type: z.literal('job'),
  task: z.string(),
  arm: z.string(),
  seed: z.int().min(0),
  /** Lines of evaluations that follow this one. */
  evaluations: z.int().min(0),
  versions: z.record(z.string(), z.string()),
  config: z.looseObject({}),
  parameters: z.int(),
  samples: z.int(),
  /** Why training ended early, where it diverged. */
  diverged: z.string().optional(),
  /** Of the pairs of data and noise that the last steps were trained on. */
  pairing: z.strictObject({
    /** E‖n‖²/D; 1 for N(0, I). */
    normEnergy: z.number(),
    /** R² of a linear probe of the observation from the noise; chance is 0. */
    probe: z.number(),
    /** Distance of data and noise over that of independent ones. */
    distance: z.number(),
  }),
  /** A few paths of the last evaluations, by number of evaluations; of seed 0 only. */
  paths: z
    .record(
      z.string(),
      z.array(z.strictObject({ success: z.boolean(), mode: z.int(), points: z.array(z.number()) })),
    )
    .optional(),
  /** A sheet of images of the last evaluations as a PNG in base64, by number of evaluations; of seed 0 only. */
  pictures: z.record(z.string(), z.base64()).optional(),
})

/** One evaluation of a planner, at one training step and one number of network evaluations a plan. */
export const planEvaluationSchema = z.strictObject({
  type: z.literal('evaluation'),
  task: z.string(),
  arm: z.string(),
  seed: z.int().min(0),
  /** Training steps done. */
  step: z.int(),
  /** Network evaluations for one plan. */
  evaluations: z.int(),
  episodes: z.int(),
  success: share,
  rewardMax: z.number(),
  rewardMean: z.number(),
  rewardFinal: z.number(),
  length: z.number(),
  /** Counted episodes (`Modes.counted`) that showed each mode; null without modes. */
  modes: z.array(z.int()).nullable(),
  /** Energy distance of first plans to the expert's; null where starts differ. */
  energyDistance: z.number().nullable(),
})

/** One evaluation of an image generator, at one training step and one number of network evaluations an image. */
export const imageEvaluationSchema = z.strictObject({
  type: z.literal('images'),
  task: z.string(),
  arm: z.string(),
  seed: z.int().min(0),
  step: z.int(),
  evaluations: z.int(),
  /** Images that were made and measured. */
  images: z.int(),
  frechet: z.number(),
  kernel: z.number(),
  precision: share,
  recall: share,
})

export const evaluationRecordSchema = z.discriminatedUnion('type', [
  planEvaluationSchema,
  imageEvaluationSchema,
])

/** What depends on the machine: kept apart, so that the other records depend on the seed alone. */
export const timingRecordSchema = z.strictObject({
  type: z.literal('timing'),
  task: z.string(),
  arm: z.string(),
  seed: z.int().min(0),
  step: z.int(),
  /** Seconds spent on training steps up to here. */
  seconds: z.number(),
  /** Milliseconds of a step spent on preparing the batch, the coupling included, and on the compiled step. */
  batch: z.number(),
  compute: z.number(),
  /** Median milliseconds of a single plan, by number of network evaluations; after the last step only. */
  plan: z.record(z.string(), z.number()).optional(),
  /** The time that 95 of 100 plans take at most. */
  planP95: z.record(z.string(), z.number()).optional(),
})

/**
 * How fast an arm trains and plans, measured with nothing beside it: arms compare, which those of
 * {@link timingRecordSchema} do not, taken while other jobs ran.
 */
export const paceRecordSchema = timingRecordSchema
  .omit({ type: true, seed: true, step: true, seconds: true })
  .extend({ type: z.literal('pace'), versions: z.record(z.string(), z.string()) })

export type JobRecord = z.infer<typeof jobRecordSchema>
export type PlanEvaluation = z.infer<typeof planEvaluationSchema>
export type ImageEvaluation = z.infer<typeof imageEvaluationSchema>
export type EvaluationRecord = PlanEvaluation | ImageEvaluation
export type TimingRecord = z.infer<typeof timingRecordSchema>
export type PaceRecord = z.infer<typeof paceRecordSchema>

/** Everything that one job left. */
export interface JobResult {
  readonly job: JobRecord
  readonly evaluations: readonly EvaluationRecord[]
  readonly timings: readonly TimingRecord[]
}

/** Whose evaluation it is, and when. */
type Occasion = 'task' | 'arm' | 'seed' | 'step'
/** What an evaluation measured. */
export type EvaluationFigures = Omit<PlanEvaluation, Occasion> | Omit<ImageEvaluation, Occasion>
