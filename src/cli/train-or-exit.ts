import { loadEnvironment } from '../../envs/index.ts'
import { isImageConfig, isLatentConfig, type RunConfig } from '../config/run-config.ts'
import type { ThreadJob } from '../train/run-thread-worker.ts'
import { INTERRUPTED, stoppable, UNFINISHED } from './interrupt.ts'
import type { Output } from './output.ts'

/** Trains; a stop by Ctrl-C leaves a checkpoint, once training has begun, and ends the process with {@link INTERRUPTED}. */
export async function trainOrExit(
  config: RunConfig,
  folder: string,
  resume: boolean,
  output: Output,
  watched = false,
): Promise<void> {
  const { runTraining } = await import('./training.ts')
  const target = { folder, ...(!resume && { config }) }
  const job = await stoppable(output, (signal) => jobOf(config, target, output, signal), UNFINISHED)
  if (!job) process.exit(INTERRUPTED)
  const complete = await stoppable(output, async (signal) => {
    const viewing = watched ? await watchTraining(folder, output) : undefined
    const onEvent = viewing?.onEvent
    const complete = await runTraining({ job, config, output, signal, onEvent })
    if (complete) await viewing?.stay(signal)
    return complete
  })
  if (!complete) process.exit(INTERRUPTED)
}

/** Shows training in the browser. */
async function watchTraining(folder: string, output: Output) {
  const { viewTraining } = await import('./view/train-view.ts')
  return viewTraining({ folder, loadEnvironment, output })
}

/** What a training thread is asked for: planners need their demonstrations first. */
async function jobOf(
  config: RunConfig,
  target: { readonly folder: string; readonly config?: RunConfig },
  output: Output,
  signal: AbortSignal,
): Promise<ThreadJob> {
  if (isLatentConfig(config)) {
    const { folder } = target
    return { kind: 'latent', request: { folder, ...(target.config && { config }) } }
  }
  if (isImageConfig(config)) {
    const { folder } = target
    return { kind: 'images', request: { folder, ...(target.config && { config }) } }
  }
  const { demonstrationsFor } = await import('./demonstrations.ts')
  const environment = await loadEnvironment(config.environment)
  const demonstrations = await demonstrationsFor(config, environment, output, signal)
  // What was told to stop while they were written shall not begin to train.
  signal.throwIfAborted()
  const { folder } = target
  const { module } = environment
  return {
    kind: 'planner',
    request: { folder, ...(target.config && { config }), environment: module, demonstrations },
  }
}
