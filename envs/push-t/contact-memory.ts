/**
 * What the solver remembers of each pair of shapes that touched lately, so that the impulse found last starts
 * the next search. One record a pair: the substeps since it touched, then the feature and impulse of up to two
 * contacts. Chipmunk keeps a pair for three substeps without contact.
 */

/** Agent with bar and stem, and each of four walls with bar and stem. */
export const PAIRS = 10

/** Numbers a pair: substeps missed, feature, impulse, feature, impulse. */
export const RECORD = 5

/** A pair that missed so many substeps is forgotten. */
export const FORGOTTEN = 3

/** A feature that no contact has. */
export const NO_FEATURE = -1

/** A memory in which nothing touched. */
export function emptyMemory(): Float64Array {
  const memory = new Float64Array(PAIRS * RECORD)
  for (let pair = 0; pair < PAIRS; pair++) forget(memory, pair)
  return memory
}

/** Forgets one pair. */
export function forget(memory: Float64Array, pair: number): void {
  const at = pair * RECORD
  memory[at] = FORGOTTEN
  memory[at + 1] = NO_FEATURE
  memory[at + 2] = 0
  memory[at + 3] = NO_FEATURE
  memory[at + 4] = 0
}

/** The impulse remembered for a feature of a pair, or 0. */
export function remembered(memory: Float64Array, pair: number, feature: number): number {
  const at = pair * RECORD
  if (memory[at] >= FORGOTTEN) return 0
  if (memory[at + 1] === feature) return memory[at + 2]
  if (memory[at + 3] === feature) return memory[at + 4]
  return 0
}
