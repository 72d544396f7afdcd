import { InputError } from '../errors.ts'

/** @throws InputError unless `value` is a whole number of at least `least` */
export function checkWhole(key: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new InputError(`"${key}" is ${value}; it must be a whole number of at least ${least}.`)
  }
}

/** @throws InputError unless `value` is a finite number greater than 0 */
export function checkPositive(key: string, value: number): void {
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
    throw new InputError(`"${key}" is ${value}; it must be a finite number greater than 0.`)
  }
}

/** @throws InputError unless `value` is a number from `low` to `high` */
export function checkBetween(key: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high)) {
    throw new InputError(`"${key}" is ${value}; it must be a number from ${low} to ${high}.`)
  }
}
