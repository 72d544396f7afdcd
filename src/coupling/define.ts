import { z } from 'zod'
import { InputError, lookUp } from '../errors.ts'
import type { Coupling } from './coupling.ts'

/** Makes a coupling from its settings; missing ones take their defaults. @throws InputError for wrong ones */
export interface CouplingFactory<Shape extends z.ZodRawShape = z.ZodRawShape> {
  (settings?: z.input<z.ZodObject<Shape, z.core.$strict>>): Coupling
  /** Its name in configs. */
  readonly type: string
  /** Its settings in configs. */
  readonly shape: Shape
  /** The same for settings of which nothing is known yet. */
  readonly fromConfig: (settings: unknown) => Coupling
}

/** Makes a coupling that changes how another one is used. @throws InputError for wrong settings */
export interface WrapperFactory<Shape extends z.ZodRawShape = z.ZodRawShape> {
  (settings: z.input<z.ZodObject<Shape, z.core.$strict>>, inner: Coupling): Coupling
  readonly type: string
  readonly shape: Shape
  /** Name of the coupling that it wraps where none is given; without one it must be given. */
  readonly around?: string
  readonly fromConfig: (settings: unknown, inner: Coupling) => Coupling
}

/**
 * Declares a coupling.
 *
 * @param type its name in configs
 * @param shape its settings
 * @param build makes it from checked settings
 */
export function defineCoupling<Shape extends z.ZodRawShape>(
  type: string,
  shape: Shape,
  build: (settings: z.output<z.ZodObject<Shape, z.core.$strict>>) => Coupling,
): CouplingFactory<Shape> {
  const schema = z.strictObject(shape)
  const fromConfig = (given: unknown) => {
    const settings = checked(type, schema, given)
    return { config: { type, ...(settings as object) }, ...build(settings) }
  }
  const create = (settings?: z.input<typeof schema>) => fromConfig(settings ?? {})
  return Object.assign(create, { type, shape, fromConfig })
}

/**
 * Declares a coupling around another one; see {@link defineCoupling}.
 *
 * @param around name of the inner coupling where a config gives none
 */
export function defineWrapper<Shape extends z.ZodRawShape>(
  type: string,
  shape: Shape,
  build: (settings: z.output<z.ZodObject<Shape, z.core.$strict>>, inner: Coupling) => Coupling,
  around?: string,
): WrapperFactory<Shape> {
  const schema = z.strictObject(shape)
  const fromConfig = (given: unknown, inner: Coupling) => {
    const settings = checked(type, schema, given)
    return {
      awaits: inner.awaits,
      config: inner.config && { type, ...(settings as object), coupling: inner.config },
      ...build(settings, inner),
    }
  }
  const create = (settings: z.input<typeof schema>, inner: Coupling) => fromConfig(settings, inner)
  return Object.assign(create, { type, shape, around, fromConfig })
}

function checked<Schema extends z.ZodObject>(
  type: string,
  schema: Schema,
  settings: unknown,
): z.output<Schema> {
  const result = schema.safeParse(settings)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  if (issue.code === 'unrecognized_keys' && Object.keys(schema.shape).length > 0) {
    lookUp(`${type} setting`, schema.shape, issue.keys[0])
  }
  if (issue.code === 'unrecognized_keys') {
    throw new InputError(`The coupling ${type} has no settings, so leave "${issue.keys[0]}" out.`)
  }
  const key = issue.path.join('.')
  const value = JSON.stringify((settings as Record<string, unknown>)[key])
  throw new InputError(
    `The setting ${key} of the coupling ${type} is ${value ?? 'missing'}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}.`,
  )
}
