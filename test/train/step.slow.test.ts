import { eager } from '../models/runners.ts'
import { testParity } from './step-parity.ts'

testParity(eager)
