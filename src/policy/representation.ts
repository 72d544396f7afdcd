import { InputError } from '../errors.ts'

/** How observations and actions are written before they are normalised. */
export interface RepresentationOptions {
  /** Observations in the history. */
  readonly observe: number
  /** Actions in a chunk; its first `observe − 1` actions are those already taken. */
  readonly plan: number
  /** Numbers in one observation. */
  readonly observationWidth: number
  /** Numbers in one action. */
  readonly actionWidth: number
  /**
   * `history`: the observations as they are. `differences`: the last one as it is, and for each step before
   * it the change that followed, so that velocity is scaled by its own range instead of drowning in position.
   */
  readonly observations: 'history' | 'differences'
  /**
   * `absolute`: actions as they are. `cumulative`: for actions that are displacements, their running sum from
   * the present on, a path from here. `relative`: for actions that are targets, minus the coordinates
   * `reference` of the last observation.
   */
  readonly actions: 'absolute' | 'cumulative' | 'relative'
  /** For `relative`: the index of the observation coordinate that each action coordinate is measured from. */
  readonly reference?: readonly number[]
}

/** An invertible rewriting of (observations, actions) for a network; all arrays are flat and row major. */
export interface Representation {
  readonly conditionWidth: number
  readonly chunkWidth: number
  /** [observe × observationWidth] → condition, written to `out` [conditionWidth]. */
  condition(history: Float32Array, out: Float32Array): void
  /** Actions [plan × actionWidth] taken around `history` → chunk, written to `out` [chunkWidth]. */
  encode(history: Float32Array, actions: Float32Array, out: Float32Array): void
  /** The inverse of `encode`, for the actions from the present one on; earlier ones may differ. */
  decode(history: Float32Array, chunk: Float32Array, out: Float32Array): void
}

/** @throws InputError if `relative` lacks a valid reference */
export function representation(options: RepresentationOptions): Representation {
  const { observe, plan, observationWidth: ow, actionWidth: aw, reference } = options
  if (options.actions === 'relative') {
    if (!reference || reference.length !== aw || reference.some((i) => !(i >= 0 && i < ow))) {
      throw new InputError(
        `policy.reference must name ${aw} observation coordinates from 0 to ${ow - 1} for relative actions; it is ${JSON.stringify(reference)}.`,
      )
    }
  }
  const present = observe - 1
  return {
    conditionWidth: observe * ow,
    chunkWidth: plan * aw,
    condition(history, out) {
      out.set(history)
      if (options.observations === 'differences') {
        for (let i = 0; i < present * ow; i++) out[i] = history[i + ow] - history[i]
      }
    },
    encode(history, actions, out) {
      out.set(actions)
      if (options.actions === 'cumulative') accumulate(out, plan, aw, present)
      if (options.actions === 'relative') shift(out, history, -1)
    },
    decode(history, chunk, out) {
      out.set(chunk)
      if (options.actions === 'cumulative') {
        for (let i = plan * aw - 1; i >= (present + 1) * aw; i--) out[i] -= out[i - aw]
      }
      if (options.actions === 'relative') shift(out, history, 1)
    },
  }

  /** Adds `sign` × the reference coordinates of the last observation to every action. */
  function shift(actions: Float32Array, history: Float32Array, sign: number): void {
    for (let i = 0; i < plan * aw; i++) actions[i] += sign * history[present * ow + reference![i % aw]]
  }
}

/** Displacements → positions relative to the one at which action `present` is taken. */
function accumulate(actions: Float32Array, plan: number, width: number, present: number): void {
  for (let i = (present + 1) * width; i < plan * width; i++) actions[i] += actions[i - width]
  // Going back: the position before action k is the one before action k + 1 minus displacement k.
  for (let c = 0; c < width; c++) {
    let position = 0
    for (let k = present - 1; k >= 0; k--) {
      const displacement = actions[k * width + c]
      actions[k * width + c] = position
      position -= displacement
    }
  }
}
