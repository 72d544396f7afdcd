import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Environment } from '../src/env/environment.ts'
import { InputError, lookUp } from '../src/errors.ts'

/** Loaders of the environments that come with this package, by name. A new one is a folder and a line here. */
export const environments: Readonly<Record<string, () => Promise<{ readonly default: Environment }>>> = {
  'two-way': () => import('./two-way/index.ts'),
  'two-way-axis': () => import('./two-way/axis.ts'),
  avoiding: () => import('./avoiding/index.ts'),
  'avoiding-path': () => import('./avoiding/whole-path.ts'),
  'push-t': () => import('./push-t/index.ts'),
  'push-t-state': () => import('./push-t/state-only.ts'),
  'push-t-diffusion-policy': () => import('./push-t/diffusion-policy.ts'),
  'push-t-opposite': () => import('./push-t/opposite.ts'),
}

/** Names of the environments that come with this package. */
export function environmentNames(): string[] {
  return Object.keys(environments)
}

/** Anything with a slash, a file extension or a scheme is a module; the rest are names. */
const MODULE = /^(file:|data:)|[\\/]|\.[cm]?[jt]s$/

/**
 * Loads an environment.
 *
 * @param nameOrModule a name such as `two-way`, or the path (from the working directory) or file URL of a
 *   module whose default export is an {@link Environment}, such as `./my-env.js`
 * @throws InputError for an unknown name, with the nearest known one, and for a module that cannot be loaded
 *   or does not export an environment
 */
export async function loadEnvironment(nameOrModule: string): Promise<Environment> {
  if (MODULE.test(nameOrModule)) return loadModule(nameOrModule)
  const { default: environment } = await lookUp('environment', environments, nameOrModule)()
  return environment
}

async function loadModule(path: string): Promise<Environment> {
  const module = /^(file:|data:)/.test(path) ? path : pathToFileURL(resolve(path)).href
  let environment: unknown
  try {
    environment = (await import(module)).default
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InputError(
      `The environment module ${path} cannot be loaded: ${reason}; ${remedy(cause, path, module)}.`,
      { cause },
    )
  }
  if (!isEnvironment(environment)) {
    throw new InputError(
      `The module ${path} has no environment as its default export; export an object with a name, a summary, dynamics, and perhaps demonstrate.`,
    )
  }
  // Where it was loaded from is where worker threads find it, whatever it says of itself.
  return { ...environment, module }
}

/** What to do about a module that threw while it was loaded. */
function remedy(cause: unknown, path: string, module: string): string {
  const { code, url } = (cause ?? {}) as { readonly code?: string; readonly url?: string }
  if (code === 'ERR_MODULE_NOT_FOUND' && url === new URL(module).href) return 'check the path'
  if (code === 'ERR_MODULE_NOT_FOUND') return 'install what it imports, or mend the import'
  if (code === 'ERR_UNSUPPORTED_DIR_IMPORT') return 'give the path of a file'
  if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return 'compile it to JavaScript and give that'
  // Node says where only when it is asked.
  if (cause instanceof SyntaxError) return `mend it: \`node --check ${path}\` shows where its syntax is wrong`
  return 'mend the module'
}

function isEnvironment(value: unknown): value is Environment {
  if (typeof value !== 'object' || value === null) return false
  const { name, summary, dynamics, demonstrate } = value as Partial<Environment>
  return (
    typeof name === 'string' &&
    typeof summary === 'string' &&
    typeof dynamics?.transition === 'function' &&
    typeof dynamics.initial === 'function' &&
    typeof dynamics.observe === 'function' &&
    (demonstrate === undefined || typeof demonstrate === 'function')
  )
}
