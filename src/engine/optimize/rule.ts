import type { Attribute, Value } from '../graph/value.ts'

/** A node of one output whose inputs are already simplified. */
export interface Candidate {
  readonly op: string
  readonly inputs: readonly (Value | null)[]
  readonly attributes: Readonly<Record<string, Attribute>>
  /** What the node would give; a rule's answer has the same shape and type. */
  readonly output: Value
  /** How many nodes and outputs use a value. */
  uses(value: Value): number
}

/** Finds an equal value that costs less, or says nothing. */
export type Rule = (candidate: Candidate) => Value | undefined
