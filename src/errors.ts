import { closest } from 'fastest-levenshtein'

/**
 * Base of every error this framework throws on purpose. The message is one sentence that says what is
 * wrong, where (file, key, row) and what to do about it.
 */
export class ImmiscibleError extends Error {
  override name = 'ImmiscibleError'
}

/** The caller's input is wrong: a config, a file, a shape, a name. The CLI exits with 2. */
export class InputError extends ImmiscibleError {
  override name = 'InputError'
}

/** Something failed although the input was right: a full disk, a device that went away. The CLI exits with 1. */
export class FailureError extends ImmiscibleError {
  override name = 'FailureError'
}

/** Training produced a loss or weight that is not a finite number; the last good checkpoint is kept. */
export class DivergenceError extends FailureError {
  override name = 'DivergenceError'
}

/** A tfjs kernel that the tracing engine cannot translate to ONNX. */
export class UnsupportedKernelError extends ImmiscibleError {
  override name = 'UnsupportedKernelError'
}

/**
 * Looks a name up in a registry.
 *
 * @param kind what the registry holds, for the message, such as `environment`
 * @throws InputError naming the unknown name, the nearest valid one and all the others
 */
export function lookUp<T>(kind: string, registry: Readonly<Record<string, T>>, name: string): T {
  if (Object.hasOwn(registry, name)) return registry[name]
  const names = Object.keys(registry)
  throw new InputError(
    `Unknown ${kind} "${name}"; did you mean "${closest(name, names)}"? There are: ${names.join(', ')}.`,
  )
}
