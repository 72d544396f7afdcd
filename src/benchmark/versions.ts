import { type EnvironmentRecord, versions } from '../run/environment.ts'

/** Runtimes that no job uses, whether they are installed or not: jobs run on the default engine. */
const UNUSED = /^@tensorflow\/tfjs-node/

/** Versions of everything that decides a job's figures. */
export function jobVersions(): EnvironmentRecord {
  return Object.fromEntries(Object.entries(versions()).filter(([name]) => !UNUSED.test(name)))
}
