import type { Activation } from '../coupling/index.ts'
import type { EpisodeRecord } from '../evaluate/episode-record.ts'
import type { Evaluation } from '../evaluate/summarize.ts'
import type { Metrics } from '../run/metrics.ts'
import type { TrainEvent } from './events.ts'

type StepEvent = Extract<TrainEvent, { type: 'step' }>

/** What a run in a folder reports; plain data, so that it can cross threads. */
export type RunEvent =
  | {
      /** Something is made that the run needs; an autoencoder's own events follow, up to `finished`. */
      readonly type: 'stage'
      readonly name: 'autoencoder' | 'latents'
      /** Steps or images. */
      readonly total: number
    }
  | {
      readonly type: 'started'
      /** Steps done before; 0 for a fresh run. */
      readonly from: number
      readonly steps: number
      /** Scalars in the network. */
      readonly parameters: number
      /** Training samples: windows or images. */
      readonly samples: number
    }
  | Exclude<TrainEvent, StepEvent>
  | Omit<StepEvent, 'snapshot' | 'report'>
  | { readonly type: 'evaluating'; readonly step: number; readonly done: number; readonly total: number }
  /** The episodes of an evaluation, without recordings; comes right before it. */
  | { readonly type: 'episodes'; readonly step: number; readonly episodes: readonly EpisodeRecord[] }
  | { readonly type: 'evaluation'; readonly step: number; readonly evaluation: Evaluation }
  /** The evaluation of this step made the coupling that waited for it go to work. */
  | { readonly type: 'activation'; readonly step: number; readonly activation: Activation }
  | {
      /** A grid of samples was drawn. */
      readonly type: 'samples'
      readonly step: number
      readonly path: string
    }
  | {
      /** Samples were measured: figures by name, such as `evaluation/frechet`. */
      readonly type: 'figures'
      readonly step: number
      readonly figures: Metrics
    }
  | { readonly type: 'checkpoint'; readonly step: number; readonly path: string }
  | {
      readonly type: 'finished'
      readonly step: number
      /** False where it was stopped before its last step. */
      readonly complete: boolean
    }
