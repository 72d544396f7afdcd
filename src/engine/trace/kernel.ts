import type { Value } from '../graph/value.ts'

/** One call of a tfjs kernel while a function is being traced. */
export interface KernelCall<Attributes> {
  /** Inputs by the names that tfjs gives them (`x`, `a`, `b`, …; `0`, `1`, … where it passes a list). */
  readonly inputs: Readonly<Record<string, Value>>
  readonly attributes: Attributes
}

/** Says in graph nodes what a tfjs kernel computes. */
export type Lowering<Attributes = unknown> = (call: KernelCall<Attributes>) => Value | Value[]

/** Lowerings by the name of the tfjs kernel; each reads the attributes that tfjs documents for it. */
export type Lowerings = Readonly<Record<string, Lowering<never>>>
