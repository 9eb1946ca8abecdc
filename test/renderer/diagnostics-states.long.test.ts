import { checkDiagnosticsStates } from './diagnostics-check.ts'

checkDiagnosticsStates({ all: true })
