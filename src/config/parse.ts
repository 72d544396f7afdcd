import { readFile } from 'node:fs/promises'
import { closest } from 'fastest-levenshtein'
import { z } from 'zod'
import { InputError } from '../errors.ts'

/**
 * Checks `value` against `schema` and fills the defaults in.
 *
 * @param source where the value comes from, for the message, such as a file's path
 * @throws InputError naming the source, the key, what is wrong with it and, for an unknown key, the nearest valid one
 */
export function parseConfig<T extends z.ZodType>(schema: T, value: unknown, source: string): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw new InputError(`${source}: ${describe(issue, schema, value)}.`)
}

/** {@link parseConfig} of a JSON file. @throws InputError also for a file that is absent or no JSON */
export async function readConfigFile<T extends z.ZodType>(schema: T, path: string): Promise<z.output<T>> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`Cannot read ${path} (${error.code}); check the path.`)
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new InputError(`${path} is not JSON; get it again.`, { cause })
  }
  return parseConfig(schema, value, path)
}

/** The JSON schema of a config, for editors. */
export function jsonSchema(schema: z.ZodType): unknown {
  return z.toJSONSchema(schema, { io: 'input' })
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, value: unknown): string {
  const key = issue.path.join('.')
  const at = key === '' ? '' : `${key} `
  if (issue.code === 'unrecognized_keys') {
    const unknown = issue.keys[0]
    const known = keysAt(schema, issue.path, value)
    return `${key === '' ? '' : `${key}.`}${unknown} is not a known key; did you mean "${closest(unknown, known)}"? Valid keys: ${known.join(', ')}`
  }
  if (issue.code === 'invalid_union' && issue.path.at(-1) === 'type') {
    const types = typesAt(schema, issue.path.slice(0, -1), value)
    const type = valueAt(value, issue.path)
    return type === undefined
      ? `${key} is missing; it must be one of ${types.join(', ')}`
      : `${key} is ${JSON.stringify(type)}; did you mean "${closest(String(type), types)}"? Valid types: ${types.join(', ')}`
  }
  const found = valueAt(value, issue.path)
  if (issue.code === 'invalid_type' && found === undefined)
    return `${at}is missing; it must be of type ${issue.expected}`
  const wanted = issue.code === 'invalid_type' && wantedAt(schema, issue.path, value)
  if (wanted) return `${at}is ${JSON.stringify(found)}; give ${wanted}`
  return `${at}is ${JSON.stringify(found)}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`
}

interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Record<string, JsonSchema>
  readonly properties?: Record<string, JsonSchema>
  readonly anyOf?: JsonSchema[]
  readonly oneOf?: JsonSchema[]
  readonly const?: string
  readonly type?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
}

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value)

/** The parts of the schema that apply at `path`; of a union, those of the `type` that the value has. */
function nodesAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): JsonSchema[] {
  const root = jsonSchema(schema) as JsonSchema
  const choose = (reference: JsonSchema, found: unknown): JsonSchema[] => {
    // Schemas that contain themselves, such as a coupling of couplings, are written as references.
    const node = root.$defs?.[reference.$ref?.replace('#/$defs/', '') ?? ''] ?? reference
    const choices = node.oneOf ?? node.anyOf ?? [node]
    const type = (found as { type?: unknown } | undefined)?.type
    const fitting = choices.filter((choice) => choice.properties?.type?.const === type)
    return fitting.length > 0 ? fitting : choices
  }
  let nodes = choose(root, value)
  path.forEach((key, depth) => {
    const found = valueAt(value, path.slice(0, depth + 1))
    nodes = nodes.flatMap((node) => {
      const child = node.properties?.[String(key)]
      return child ? choose(child, found) : []
    })
  })
  return nodes
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  return [...new Set(nodesAt(schema, path, value).flatMap((node) => Object.keys(node.properties ?? {})))]
}

function typesAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  return nodesAt(schema, path, value).flatMap((node) => node.properties?.type?.const ?? [])
}

const WANTED: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
  array: 'a list in square brackets',
  object: 'settings in braces',
  null: 'null',
}

/** What belongs at `path`, such as `a whole number above 0`; undefined where the schema has no simple type there. */
function wantedAt(schema: z.ZodType, path: readonly PropertyKey[], value: unknown): string | undefined {
  const kinds = nodesAt(schema, path, value).map(({ type = '', minimum, exclusiveMinimum }) => {
    if (exclusiveMinimum !== undefined) return `${WANTED[type]} above ${exclusiveMinimum}`
    // Schemas of whole numbers say how far whole numbers go.
    if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) {
      return `${WANTED[type]} of at least ${minimum}`
    }
    return WANTED[type]
  })
  const known = kinds.filter((kind) => kind !== undefined)
  return known.length > 0 ? [...new Set(known)].join(' or ') : undefined
}
