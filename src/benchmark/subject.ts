import type { Engine } from '../engine/index.ts'
import type { RunEvent } from '../train/run-events.ts'
import type { TrainingTask } from '../train/task.ts'
import type { EvaluationFigures, JobRecord } from './record.ts'

/** What a job is about: how it trains, and how its checkpoints are measured. */
export interface Subject {
  /** Trains in the run folder, or goes on there. */
  train(resume: boolean, signal: AbortSignal): AsyncGenerator<RunEvent>
  /** The averaged weights of a checkpoint, ready to be measured. */
  open(checkpoint: string): Promise<Trained>
  /** What the run was trained on, for diagnostics of its pairs of data and noise. */
  trainingTask(): Promise<TrainingTask>
}

/** A trained network to be measured with any number of evaluations. */
export interface Trained {
  /** Everything but when and whose; depends on the job alone. */
  evaluate(evaluations: number): Promise<EvaluationFigures>
  /** Milliseconds of a single plan; absent where none is made. */
  readonly time?: (evaluations: number) => Promise<{ readonly p50: number; readonly p95: number }>
  /** What pictures are drawn from. */
  show(evaluations: readonly number[]): Promise<Pick<JobRecord, 'paths' | 'pictures'>>
  close(): Promise<void>
}

/**
 * An engine for one set of weights: what is compiled for a number of samples serves every number of evaluations.
 */
export function sharingCompiled(engine: Engine): Engine {
  const made = new Map<string, ReturnType<Engine['compile']>>()
  return {
    ...engine,
    compile(name, run, signature) {
      const key = JSON.stringify([name, signature])
      const compiled = made.get(key) ?? engine.compile(name, run, signature)
      made.set(key, compiled)
      return compiled
    },
  }
}
