import { InvalidArgumentError, Option } from 'commander'

/** Whose weights a command uses. */
export const checkpointOption = (): Option =>
  new Option('--checkpoint <which>', 'whose weights').choices(['latest', 'best']).default('latest')

/** Collects an option that is given more than once. */
export function append(value: string, previous: string[]): string[] {
  return [...previous, value]
}

/** `a,b` → ['a', 'b'] */
export function names(text: string): string[] {
  return text.split(',').map((name) => name.trim())
}

/** Any number. @throws InvalidArgumentError for anything else */
export function real(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Give a number.')
  return value
}

/** A whole number of at least 1. @throws InvalidArgumentError for anything else */
export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new InvalidArgumentError('Give a whole number of at least 1.')
  }
  return value
}

/** A whole number of at least 0. @throws InvalidArgumentError for anything else */
export function whole(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('Give a whole number of at least 0.')
  }
  return value
}
