import { z } from 'zod'
import { InputError, lookUp } from '../errors.ts'
import type { Coupling, CouplingConfig } from './coupling.ts'
import { after } from './couplings/after.ts'
import { assignment } from './couplings/assignment.ts'
import { grouped } from './couplings/grouped.ts'
import { independent } from './couplings/independent.ts'
import { local } from './couplings/local.ts'
import { nearest } from './couplings/nearest.ts'
import { penalised } from './couplings/penalised.ts'
import { residual } from './couplings/residual.ts'
import { scaled } from './couplings/scaled.ts'
import { sinkhorn } from './couplings/sinkhorn.ts'

/** Every coupling. A new one is a file in `couplings/` and a line here. */
export const COUPLINGS = { independent, nearest, assignment, sinkhorn, local, grouped, penalised } as const

/** Every coupling that changes how another one, under `coupling` in the config, is used. */
export const WRAPPERS = { residual, scaled, after } as const

const option = ({ type, shape }: { type: string; shape: z.ZodRawShape }) =>
  z.strictObject({ type: z.literal(type), ...shape })

function innerSchema(around: string | undefined): z.ZodType {
  const inner = z.lazy(() => couplingSchema)
  return around === undefined ? inner : inner.prefault({ type: around })
}

const [first, ...others] = [
  ...Object.values(COUPLINGS).map(option),
  ...Object.values(WRAPPERS).map(({ type, shape, around }) =>
    option({ type, shape: { ...shape, coupling: innerSchema(around) } }),
  ),
]

/** Schema of every coupling's settings; parsing fills the defaults in. */
export const couplingSchema: z.ZodType<CouplingConfig> = z.discriminatedUnion('type', [first, ...others])

/**
 * Makes a coupling from its config.
 *
 * @param config such as `{type: 'local', cell: 64}` or, in short, `'nearest:candidates=8,score=cosine'`; a
 *   wrapper's inner coupling is its setting `coupling`, again in either form, and goes last in the short one
 * @throws InputError for an unknown type or setting, naming the nearest valid one, and for a wrong value
 */
export function createCoupling(config: CouplingConfig | string): Coupling {
  const { type, ...settings } = typeof config === 'string' ? parsed(config) : config
  if (Object.hasOwn(COUPLINGS, type)) return COUPLINGS[type as keyof typeof COUPLINGS].fromConfig(settings)
  lookUp('coupling', { ...COUPLINGS, ...WRAPPERS }, type)
  const wrapper = WRAPPERS[type as keyof typeof WRAPPERS]
  const { coupling: inner = wrapper.around, ...own } = settings
  if (typeof inner !== 'string' && !isConfig(inner)) {
    throw new InputError(`The coupling ${type} needs another one to wrap; give it as its setting "coupling".`)
  }
  return wrapper.fromConfig(own, createCoupling(inner))
}

function isConfig(value: unknown): value is CouplingConfig {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string'
}

/**
 * Reads `type:key=value,key=value`; a value is a number or truth value where it reads as one, and all that follows
 * `coupling=` belongs to the inner coupling.
 */
function parsed(text: string): CouplingConfig {
  const colon = text.indexOf(':')
  if (colon < 0) return { type: text }
  const [own, ...inner] = text.slice(colon + 1).split(/(?:^|,)coupling=/)
  const settings = (own === '' && inner.length > 0 ? [] : own.split(',')).map((part) => {
    const equals = part.indexOf('=')
    if (equals < 1) {
      throw new InputError(
        `The coupling "${text}" has "${part}" where a setting belongs; write it as nearest:candidates=8.`,
      )
    }
    return [part.slice(0, equals), settingValue(part.slice(equals + 1))]
  })
  return {
    ...Object.fromEntries(settings),
    ...(inner.length > 0 && { coupling: inner.join(',coupling=') }),
    type: text.slice(0, colon),
  }
}

function settingValue(text: string): number | boolean | string {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}
