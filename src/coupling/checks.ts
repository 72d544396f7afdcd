import { InputError } from '../errors.ts'
import type { Rows } from '../rows.ts'
import type { CouplingContext } from './coupling.ts'

/**
 * Checks the data that a coupling is given.
 *
 * @param name the coupling, for the message
 * @throws InputError naming the coupling and the value
 */
export function checkData(name: string, data: Rows): void {
  if (data.rows < 1 || data.columns < 1 || data.values.length !== data.rows * data.columns) {
    throw new InputError(
      `The coupling ${name} got ${data.values.length} values as ${data.rows} rows of ${data.columns}; give at least one row of the right length.`,
    )
  }
  checkFinite(name, 'data', data)
}

/** The condition of each row of `data`. @throws InputError where it is missing, of another size or not finite */
export function conditionOf(name: string, data: Rows, { condition }: CouplingContext): Rows {
  if (!condition) {
    throw new InputError(
      `The coupling ${name} needs the condition of each sample, and there is none; train a conditional model or use assignment.`,
    )
  }
  if (condition.rows !== data.rows || condition.columns < 1) {
    throw new InputError(
      `The coupling ${name} got ${condition.rows} conditions of ${condition.columns} numbers for ${data.rows} samples; give one row each.`,
    )
  }
  checkFinite(name, 'condition', condition)
  return condition
}

/** The label of each row of `data`. @throws InputError where they are missing or of another number */
export function labelsOf(name: string, data: Rows, { labels }: CouplingContext): Int32Array {
  if (!labels) {
    throw new InputError(
      `The coupling ${name} needs the label of each sample, and there are none; use local or assignment.`,
    )
  }
  if (labels.length !== data.rows) {
    throw new InputError(
      `The coupling ${name} got ${labels.length} labels for ${data.rows} samples; give one each.`,
    )
  }
  return labels
}

function checkFinite(name: string, what: string, { values, columns }: Rows): void {
  for (let k = 0; k < values.length; k++) {
    // NaN and the infinities are the only numbers that differ from themselves by anything but 0.
    if (values[k] - values[k] === 0) continue
    throw new InputError(
      `The coupling ${name} got ${values[k]} in its ${what} (row ${Math.floor(k / columns)}, column ${k % columns}); give finite numbers.`,
    )
  }
}
