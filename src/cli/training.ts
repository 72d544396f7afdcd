import { isImageConfig, type RunConfig } from '../config/run-config.ts'
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
  const show = reporter(output, config)
  let complete = false
  for await (const event of events) {
    show(event)
    onEvent?.(event)
    if (event.type === 'finished') complete = event.complete
  }
  return complete
}

function reporter(output: Output, config: RunConfig): (event: RunEvent) => void {
  const { steps } = config.training
  let progress: Progress | undefined
  let loss = ''
  const began = performance.now()
  return (event) => {
    switch (event.type) {
      case 'started': {
        const { from, parameters, samples } = event
        output.say(
          `${config.network.type} with ${(parameters / 1e6).toFixed(2)} M parameters, ${config.process.type}, coupling ${config.coupling.type}, ${samples} ${isImageConfig(config) ? 'images' : 'windows'}, ${config.engine.device}`,
        )
        if (from > 0) output.say(`going on from step ${from}`)
        progress = output.progress('training', steps, from)
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
