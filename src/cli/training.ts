import { isImageConfig, isLatentConfig, type RunConfig } from '../config/run-config.ts'
import type { RunEvent } from '../train/run-events.ts'
import { trainInThread } from '../train/run-thread.ts'
import type { ThreadJob } from '../train/run-thread-worker.ts'
import { duration, type Output, type Progress } from './output.ts'
import { percent } from './tables.ts'

/** What to train, and how to report it. */
export interface TrainingRequest {
  readonly job: ThreadJob
  readonly config: RunConfig
  readonly output: Output
  readonly signal: AbortSignal
  /** Sees every event as well. */
  readonly onEvent?: (event: RunEvent) => void
}

/** Trains in a thread and shows how it goes. @returns whether it reached its last step */
export async function runTraining(request: TrainingRequest): Promise<boolean> {
  const { job, config, output, signal, onEvent } = request
  const events = trainInThread(job, signal)
  const show = reporter(output, config, job.request.folder)
  let complete = false
  for await (const event of events) {
    show(event)
    onEvent?.(event)
    // What the run needs is made before, in stages that finish too.
    if (event.type === 'started') complete = false
    if (event.type === 'finished') complete = event.complete
  }
  return complete
}

function reporter(output: Output, config: RunConfig, folder: string): (event: RunEvent) => void {
  let told = false
  let progress: Progress | undefined
  let loss = ''
  let stage: string | undefined
  const began = performance.now()
  return (event) => {
    // Once what was asked for has been found sound.
    if (!told && (event.type === 'stage' || event.type === 'started')) {
      output.say(`run folder ${folder}`)
      told = true
    }
    switch (event.type) {
      case 'stage':
        stage = event.name === 'latents' ? undefined : event.name
        if (event.name === 'latents') output.say(`encoding ${event.total} images, once and for all`)
        break
      case 'started': {
        const { from, steps, parameters, samples } = event
        output.say(
          stage
            ? `${stage} with ${(parameters / 1e6).toFixed(2)} M parameters, ${samples} images`
            : describeRun(config, parameters, samples),
        )
        if (from > 0) output.say(`going on from step ${from}`)
        progress = output.progress(`training${stage ? ` the ${stage}` : ''}`, steps, from)
        loss = ''
        break
      }
      case 'warning':
        output.warn(event.message)
        break
      case 'step':
        progress?.update(event.step, loss)
        return
      case 'metrics':
        loss = `loss ${event.loss.toFixed(4)}`
        break
      case 'validation':
      case 'coupling':
        break
      case 'episodes':
        return
      case 'evaluation': {
        const { success, modes } = event.evaluation
        const seen = modes ? `, ${modes.seen} of ${modes.names.length} modes` : ''
        output.say(`step ${event.step}: success ${percent(success)}${seen}`)
        break
      }
      case 'activation': {
        const { metric, value, threshold } = event.activation
        output.say(
          `step ${event.step}: ${metric} ${value.toFixed(2)} reached ${threshold}, so the coupling goes to work`,
        )
        break
      }
      case 'samples':
        output.say(`step ${event.step}: samples in ${event.path}`)
        break
      case 'figures':
        output.say(
          `step ${event.step}: ${Object.entries(event.figures)
            .map(([name, value]) => `${name.replace(/^.*\//, '')} ${value.toPrecision(4)}`)
            .join(', ')}`,
        )
        break
      case 'finished':
        progress?.stop()
        output.say(
          event.complete
            ? `trained ${event.step} steps in ${duration((performance.now() - began) / 1000)}`
            : `stopped after step ${event.step}; go on with --resume`,
        )
        break
    }
    output.record(event)
  }
}

function describeRun(config: RunConfig, parameters: number, samples: number): string {
  const network = isLatentConfig(config) ? 'latent denoiser' : config.network.type
  const what = isImageConfig(config) || isLatentConfig(config) ? 'images' : 'windows'
  return `${network} with ${(parameters / 1e6).toFixed(2)} M parameters, ${config.process?.type ?? 'ddpm'}, coupling ${config.coupling.type}, ${samples} ${what}, ${config.engine.device}`
}
