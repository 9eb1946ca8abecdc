import { checkKioskStates } from './kiosk-check.ts'

checkKioskStates({ all: true })
