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
    return `${key} must be one of ${typesAt(schema, issue.path.slice(0, -1), value).join(', ')}`
  }
  const found = valueAt(value, issue.path)
  if (issue.code === 'invalid_type' && found === undefined)
    return `${at}is missing; it must be of type ${issue.expected}`
  return `${at}is ${JSON.stringify(found)}: ${issue.message.charAt(0).toLowerCase()}${issue.message.slice(1)}`
}

interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Record<string, JsonSchema>
  readonly properties?: Record<string, JsonSchema>
  readonly anyOf?: JsonSchema[]
  readonly oneOf?: JsonSchema[]
  readonly const?: string
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
