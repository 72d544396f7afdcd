import type { Activation, Evidence } from '../coupling/index.ts'
import type { HostParameters } from '../models/network.ts'
import type { CouplingFigures } from './coupling-figures.ts'

/** Everything that training changes: what a checkpoint holds. */
export interface TrainingState {
  /** Steps done. */
  readonly step: number
  readonly parameters: HostParameters
  /** Moving average of the parameters: the weights to use. */
  readonly average: HostParameters
  /** Adam's moments. */
  readonly first: HostParameters
  readonly second: HostParameters
  /** Sums over the steps since the last line of metrics. */
  readonly pending: { readonly loss: number; readonly gradientNorm: number; readonly steps: number }
  /** Since when a coupling that waits for an evaluation has been at work; absent as long as it waits. */
  readonly activation?: Activation
}

/** What training reports. Every number but `milliseconds` depends on the seed alone. */
export type TrainEvent =
  | { readonly type: 'warning'; readonly message: string }
  | {
      /** One step is done. */
      readonly type: 'step'
      /** Steps done. */
      readonly step: number
      readonly loss: number
      /** Global norm of the gradient before clipping. */
      readonly gradientNorm: number
      readonly learningRate: number
      /** Wall-clock time spent on preparing the batch (coupling included) and on the compiled step. */
      readonly milliseconds: { readonly batch: number; readonly compute: number }
      /** A copy of everything that training has changed so far. */
      snapshot(): Promise<TrainingState>
      /**
       * Tells a coupling that waits for it what an evaluation of this step found. If that suffices, it chooses the
       * noise from the next pool on; a snapshot taken afterwards says so.
       *
       * @returns since when the coupling has been at work; undefined where it still waits, or never does
       */
      report(evidence: Evidence): Activation | undefined
    }
  | {
      /** Means since the last such event. */
      readonly type: 'metrics'
      readonly step: number
      readonly loss: number
      readonly gradientNorm: number
      readonly learningRate: number
    }
  | ({ readonly type: 'coupling'; readonly step: number } & CouplingFigures)
  /** Loss of the averaged weights on held-out samples under independent noise. */
  | { readonly type: 'validation'; readonly step: number; readonly loss: number }
