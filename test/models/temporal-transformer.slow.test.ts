import { eager } from './runners.ts'
import { testParity } from './temporal-transformer-parity.ts'

testParity(eager)
