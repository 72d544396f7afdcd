import type { Dataset } from '../data/dataset.ts'
import {
  type FieldNormalizer,
  fitField,
  type Normalizer,
  normalize,
  unnormalize,
} from '../data/normalizer.ts'
import { windows } from '../data/windows.ts'
import { InputError } from '../errors.ts'
import { type Rows, row, rows, zeroRows } from '../rows.ts'
import { type Representation, type RepresentationOptions, representation } from './representation.ts'

/** How a policy writes observations and actions: a representation, and the normalizers fitted to it. */
export interface CodecOptions extends RepresentationOptions {
  readonly normalization: 'limits' | 'gaussian'
  /** Which windows of an episode to train on; `every` by default. */
  readonly windows?: 'every' | 'first'
}

/** Translates between an environment's units and what a network sees. */
export interface Codec {
  readonly conditionWidth: number
  readonly chunkWidth: number
  /** [B, observe × observation width] in the environment's units → normalised conditions, [B, C]. */
  conditions(histories: Rows): Rows
  /** Normalised chunks [B, T × D] made for `histories` → actions in the environment's units. */
  actions(histories: Rows, chunks: Rows): Rows
  /** Actions [B, plan × action width] in the environment's units around `histories` → normalised chunks [B, T × D]. */
  chunks(histories: Rows, actions: Rows): Rows
}

/** Training samples in the network's terms. */
export interface EncodedWindows {
  /** Normalised chunks, [N, plan × action width]. */
  readonly data: Rows
  /** Normalised conditions, [N, C]. */
  readonly condition: Rows
  /** Episode that each comes from, [N], ascending. */
  readonly episode: Int32Array
}

/** A codec for fitted normalizers; their columns are `condition` and `chunk`. @throws InputError if they do not fit */
export function codec(options: CodecOptions, normalizer: Normalizer): Codec {
  const written = representation(options)
  const condition = field(normalizer, 'condition', written.conditionWidth)
  const chunk = field(normalizer, 'chunk', written.chunkWidth)
  return {
    conditionWidth: written.conditionWidth,
    chunkWidth: written.chunkWidth,
    conditions(histories) {
      const out = zeroRows(histories.rows, written.conditionWidth)
      for (let i = 0; i < histories.rows; i++) written.condition(row(histories, i), row(out, i))
      normalize(condition, out.values, out.values)
      return out
    },
    actions(histories, chunks) {
      const plain = rows(unnormalize(chunk, chunks.values), chunks.rows, chunks.columns)
      const out = zeroRows(chunks.rows, chunks.columns)
      for (let i = 0; i < chunks.rows; i++) written.decode(row(histories, i), row(plain, i), row(out, i))
      return out
    },
    chunks(histories, actions) {
      const out = zeroRows(actions.rows, written.chunkWidth)
      for (let i = 0; i < actions.rows; i++) {
        written.encode(row(histories, i), row(actions, i), row(out, i))
      }
      normalize(chunk, out.values, out.values)
      return out
    },
  }
}

/**
 * Cuts a dataset into training samples and normalises them.
 *
 * @param episodes 1 for each episode to use
 * @param padAfter steps that a window may reach past its episode's end
 * @param fitted normalizers to use; fitted on these samples where absent
 */
export function encodeWindows(
  dataset: Dataset,
  options: CodecOptions,
  episodes: ArrayLike<number>,
  padAfter: number,
  fitted?: Normalizer,
): { samples: EncodedWindows; normalizer: Normalizer } {
  const written = representation(options)
  const { observe, plan, observationWidth, actionWidth, windows: which } = options
  const cut = windows(dataset, { observe, plan, episodes, padAfter, which })
  if (cut.observationWidth !== observationWidth || cut.actionWidth !== actionWidth) {
    throw new InputError(
      `The demonstrations${dataset.path ? ` in ${dataset.path}` : ''} have observations of ${cut.observationWidth} and actions of ${cut.actionWidth} numbers, the environment ${observationWidth} and ${actionWidth}; collect them anew.`,
    )
  }
  const condition = zeroRows(cut.count, written.conditionWidth)
  const chunks = zeroRows(cut.count, written.chunkWidth)
  encodeAll(cut, written, condition, chunks)
  const mode = options.normalization
  const normalizer = fitted ?? { condition: fitField(condition, { mode }), chunk: fitField(chunks, { mode }) }
  normalize(normalizer.condition, condition.values, condition.values)
  normalize(normalizer.chunk, chunks.values, chunks.values)
  return { samples: { data: chunks, condition, episode: cut.episode }, normalizer }
}

function encodeAll(
  cut: ReturnType<typeof windows>,
  written: Representation,
  condition: Rows,
  chunks: Rows,
): void {
  const history = new Float32Array(cut.observe * cut.observationWidth)
  const actions = new Float32Array(cut.plan * cut.actionWidth)
  for (let i = 0; i < cut.count; i++) {
    cut.gather([i], history, actions)
    written.condition(history, row(condition, i))
    written.encode(history, actions, row(chunks, i))
  }
}

function field(normalizer: Normalizer, name: string, width: number): FieldNormalizer {
  const found = normalizer[name]
  if (found?.scale.length !== width) {
    throw new InputError(
      `The normalizer of "${name}" has ${found?.scale.length ?? 0} coordinates, the policy needs ${width}; the checkpoint belongs to another policy.`,
    )
  }
  return found
}
