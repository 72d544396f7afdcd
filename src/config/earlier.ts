/** Settings that came later with another default than what was done before them, by the type that they belong to. */
const LATER: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  // Local assignment before its cells were balanced.
  local: { balance: 0 },
}

/**
 * The config of a run as it was meant when it was written: runs hold every setting, so one that is missing did not
 * exist then.
 */
export function asMeant(config: unknown): unknown {
  if (Array.isArray(config)) return config.map(asMeant)
  if (typeof config !== 'object' || config === null) return config
  const { type } = config as { type?: unknown }
  const before = typeof type === 'string' && Object.hasOwn(LATER, type) ? LATER[type] : {}
  return {
    ...before,
    ...Object.fromEntries(Object.entries(config).map(([key, value]) => [key, asMeant(value)])),
  }
}
