import type { PlannerConfig } from '../config/planner.ts'
import { createCoupling } from '../coupling/index.ts'
import { type Dataset, episodeCount, episodeRange } from '../data/dataset.ts'
import { mirrorPairs, withMirrorImages } from '../data/mirror.ts'
import type { Normalizer } from '../data/normalizer.ts'
import { invertMask, validationMask } from '../data/split.ts'
import type { Environment } from '../env/environment.ts'
import { InputError } from '../errors.ts'
import { encodeWindows } from '../policy/codec.ts'
import { createPolicy } from '../policy/policy.ts'
import { Rng } from '../random/rng.ts'
import { checkPairs } from './batches.ts'
import type { TrainingTask } from './task.ts'

/**
 * The training task of a planner: windows of the demonstrations as its policy writes them. A share of the
 * episodes is held out for validation.
 *
 * @param fitted normalizers of the run where it resumes; fitted on the training episodes where absent
 * @throws InputError where demonstrations, environment and settings do not fit each other
 */
export function plannerTask(
  config: PlannerConfig,
  environment: Environment,
  demonstrations: Dataset,
  fitted?: Normalizer,
): { task: TrainingTask; normalizer: Normalizer } {
  const policy = createPolicy(config, environment)
  const share = config.training.validationShare
  const { mirror } = config.demonstrations
  if (mirror === 'pairs') checkPairs(config.training.batch)
  // Held out or not, a demonstration takes its mirror image along.
  const episodes = mirror === 'none' ? demonstrations : withMirrorImages(demonstrations, environment)
  const chosen = validationMask(episodeCount(demonstrations), share, Rng.seeded(config.seed))
  const heldOut =
    mirror === 'none' ? chosen : Uint8Array.from({ length: 2 * chosen.length }, (_, e) => chosen[e >> 1])
  const encode = (mask: Uint8Array, normalizer?: Normalizer) =>
    encodeWindows(episodes, policy.codec, mask, config.policy.act - 1, normalizer)
  checkHeldOut(demonstrations, chosen, config)
  const training = encode(invertMask(heldOut), fitted)
  const { normalizer } = training
  const { data, condition, episode } = training.samples
  return {
    task: {
      network: policy.network,
      process: policy.process,
      coupling: createCoupling(config.coupling),
      training: { data, condition, ...(mirror === 'pairs' && { pairs: mirrorPairs(episode) }) },
      validation: heldOut.includes(1) ? encode(heldOut, normalizer).samples : undefined,
    },
    normalizer,
  }
}

/** @throws InputError where something is held out and nothing of it is long enough to validate on */
function checkHeldOut(demonstrations: Dataset, heldOut: Uint8Array, { policy }: PlannerConfig): void {
  const { observe, plan, act } = policy
  const needed = plan - (observe - 1) - (act - 1)
  const lengths = [...heldOut].flatMap((held, episode) => {
    const { start, end } = episodeRange(demonstrations, episode)
    return held ? [end - start] : []
  })
  if (lengths.length === 0 || Math.max(...lengths) >= needed) return
  throw new InputError(
    `The longest of the ${lengths.length} episodes held out${demonstrations.path ? ` of ${demonstrations.path}` : ''} has ${Math.max(...lengths)} steps, too few for a window that takes ${needed}; set training.validationShare to 0, or lower policy.plan.`,
  )
}
