import { InputError } from '../errors.ts'

/** @throws InputError naming the first key of `config` whose value is not a whole number ≥ `least` */
export function checkSizes<T extends object>(
  network: string,
  config: T,
  keys: readonly (keyof T & string)[],
  least = 1,
): void {
  for (const key of keys) checkSize(network, key, config[key], least)
}

/** @throws InputError naming `key` if `value` is not a whole number ≥ `least` */
export function checkSize(network: string, key: string, value: unknown, least = 1): void {
  if (Number.isSafeInteger(value) && (value as number) >= least) return
  throw new InputError(
    `${network}: "${key}" is ${JSON.stringify(value)}; give a whole number of at least ${least}.`,
  )
}

/** @throws InputError naming `key` if it is not a multiple of `divisor` */
export function checkMultiple(
  network: string,
  key: string,
  value: number,
  divisor: number,
  why: string,
): void {
  if (value % divisor === 0) return
  throw new InputError(
    `${network}: "${key}" is ${value}, which is not a multiple of ${divisor} (${why}); change either.`,
  )
}

/** @throws InputError naming `key` if it is not in [0, 1) */
export function checkRate(network: string, key: string, value: number): void {
  if (value >= 0 && value < 1) return
  throw new InputError(`${network}: "${key}" is ${value}; give a number in [0, 1).`)
}
